/** The command that a config is equal to: through a real shell and the real parser, back to the same config. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import type { TrainResult } from '../../engine/contract/calls.ts';
import { type Fields, layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { type Preset, presetCards, presets } from '../../engine/contract/presets.ts';
import { trainCommand } from '../../engine/contract/train-command.ts';
import type { TrainConfig } from '../../engine/contract/train-config.ts';
import { randomConfig } from '../contract/random-config.ts';
import { dept } from './fake-host.ts';

/** The words of each command as a POSIX shell hands them over. */
function throughShell(commands: readonly string[]): string[][] {
  const script = commands.map((command) => `printf '%s\\0' ${command}; printf '\\001\\0'`).join('\n');
  const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0');
  return words
    .join('\0')
    .split('\0\u0001\0')
    .slice(0, -1)
    .map((all) => all.split('\0'));
}

/** What the command line makes of it. */
async function configOf(words: readonly string[]): Promise<TrainConfig | undefined> {
  const configs: TrainConfig[] = [];
  const train = async (config: TrainConfig): Promise<TrainResult> => {
    configs.push(config);
    throw new Error('enough');
  };
  await dept(words, { home: '/nowhere', service: { train } });
  return configs[0];
}

async function expectBack(configs: readonly TrainConfig[]): Promise<void> {
  const all = throughShell(configs.map(trainCommand));
  expect(all).toHaveLength(configs.length);
  for (const [i, [program, ...words]] of all.entries()) {
    expect(program).toBe('dept');
    expect(await configOf(words), trainCommand(configs[i]!)).toEqual(configs[i]);
  }
}

const names = { dataset: { name: 'mine' }, vision: { model: 'clip' }, language: { model: 't5' } };

test('300 random configs come back', async () => {
  const random = new Random(11, 'configs');
  await expectBack(Array.from({ length: 300 }, () => randomConfig(random)));
});

test('so do 200 near a preset', async () => {
  const random = new Random(12, 'configs');
  const near = (): TrainConfig => {
    const { preset, task } = random.pick(presetCards);
    return randomConfig(random, layOver(names, presets[preset](task) as Fields));
  };
  await expectBack(Array.from({ length: 200 }, near));
});

describe('it is short', () => {
  const of = (input: object): string => trainCommand(parseTrainConfig({ task: 'vqa', ...names, ...input }));

  test.each(Object.keys(presets) as Preset[])('the preset %s', (preset) => {
    const config = layOver(names, presets[preset]('caption') as Fields);
    // its rank is solved for the language model
    const models = preset === 'paper' ? ' --vision clip --language t5 --set method.rank=79' : '';
    expect(trainCommand(parseTrainConfig(config))).toBe(
      `dept train --preset ${preset} --task caption --dataset mine${models}`,
    );
  });

  test('nothing that comes by itself', () => {
    expect(of({})).toBe('dept train --task vqa --dataset mine --vision clip --language t5');
    expect(of({ method: { name: 'prompt-tuning' }, schedule: { name: 'relative-step' }, steps: 100 })).toBe(
      'dept train --task vqa --dataset mine --vision clip --language t5 --method prompt-tuning' +
        ' --set steps=100 --set schedule.name=relative-step',
    );
  });

  test('quotes where a shell needs them', () => {
    expect(of({ dataset: { name: "Ann's" }, optimiser: { betas: [0.9, 0.98] } })).toBe(
      String.raw`dept train --task vqa --dataset 'Ann'\''s' --vision clip --language t5` +
        " --set 'optimiser.betas=[0.9,0.98]'",
    );
  });
});
