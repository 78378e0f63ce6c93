/** Runs that start from what was trained before: which values they begin with, and what must fit. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { addAdapter } from '../../engine/adapters/library.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { exportAdapter } from '../../engine/service/export.ts';
import { openModel } from '../../engine/service/open-model.ts';
import { openStart, startWords, withStartValues } from '../../engine/service/start-values.ts';
import { resumeRun, startRun } from '../../engine/service/training-run.ts';
import { startParameters } from '../../engine/training/train-step.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { A, B, deptConfig, drawn, PROMPT, promptConfig, writeAdapter } from '../adapters/small-adapters.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
const files = folderForFile();
const width = 192;
/** m 4, r 4, s 24 on the bundled T5, as the small runs have them. */
const wide = { num_virtual_tokens: 4, token_dim: width, hidden_size: width };
const deptFields = { ...deptConfig, ...wide, r: 4, max_length: 24 };
const tensors = { [PROMPT]: drawn(PROMPT, 4, width), [A]: drawn(A, 24, 4), [B]: drawn(B, 4, width) };
let source: string;

beforeAll(async () => {
  await fillHome(home);
  await addAdapter(home, writeAdapter(join(files, 'dept'), deptFields, tensors), 'theirs');
  await addAdapter(
    home,
    writeAdapter(join(files, 'prompt-only'), deptFields, { [PROMPT]: tensors[PROMPT] }),
    'prompt-only',
  );
  const halves = { ...promptConfig, ...wide, num_transformer_submodules: 2 };
  await addAdapter(home, writeAdapter(join(files, 'peft'), halves, { [PROMPT]: drawn('two', 8, width) }), 'peft');
  await addAdapter(
    home,
    writeAdapter(join(files, 'narrow'), deptConfig, {
      [PROMPT]: drawn('x', 4, 16),
      [A]: drawn(A, 8, 3),
      [B]: drawn(B, 3, 16),
    }),
    'narrow',
  );
  source = (await startRun(home, configFor('vqa'), {})).run;
}, 120_000);

/** The first values of a run with these settings, by name, and what its log says of them. */
function firstValues(changes: object) {
  const config = configFor('caption', changes);
  const model = openModel(home, config);
  const fresh = startParameters(trainedParameters(model.clipT5), config.seed);
  const start = openStart(home, config, model)!;
  const values = withStartValues(fresh, start);
  const named = (list: typeof values) => Object.fromEntries(list.map(({ spec, values: own }) => [spec.name, own]));
  return {
    values: named(values),
    fresh: named(fresh),
    words: startWords(values, start),
    fingerprint: start.fingerprint,
  };
}

describe('takes', () => {
  test("all of an adapter's values; the projection, which it has not, is fresh and said to be", () => {
    const { values, fresh, words } = firstValues({ startFrom: 'theirs' });
    for (const [name, { data }] of Object.entries(tensors)) expect(values[name]).toEqual(data);
    const projection = Object.keys(fresh).filter((name) => name.startsWith('visual_projection.'));
    expect(projection.length).toBeGreaterThan(0);
    for (const name of projection) expect(values[name]).toEqual(fresh[name]);
    expect(words).toBe(`First values are those of the adapter theirs; fresh: ${projection.join(', ')}`);
  });

  test('a prompt alone, of DePT or the first half of one of PEFT; A and B are fresh', () => {
    for (const [startFrom, prompt] of [
      ['prompt-only', tensors[PROMPT].data],
      ['peft', drawn('two', 8, width).data.subarray(0, 4 * width)],
    ] as const) {
      const { values, fresh } = firstValues({ startFrom });
      expect(values[PROMPT]).toEqual(prompt);
      expect(values[A]).toEqual(fresh[A]);
      expect(values[B]!.every((value) => value === 0)).toBe(true);
    }
  });

  test("all that another run has trained, at its best, its last, or one step's checkpoint", () => {
    const run = openRun(home, source);
    for (const [reference, step] of [
      [source, run.checkpoints.best()!.step],
      [`${source}@last`, 8],
      [`${source}@6`, 6],
    ] as const) {
      const { values, words } = firstValues({ startFrom: reference });
      const { tensors: own, projection } = readAdapter(run.checkpoints.folder(step));
      for (const [name, { data }] of Object.entries({ ...own, ...projection }))
        expect(values[name], name).toEqual(data);
      expect(Object.keys(values).length).toBe(Object.keys({ ...own, ...projection }).length);
      expect(words).toBe(`First values are those of ${source} at step ${step}`);
    }
  });
});

describe('refuses, before there is a run', () => {
  test.each<[string, object, object]>([
    ['another width', { startFrom: 'narrow' }, { path: 'language.model', expected: expect.stringContaining('16') }],
    [
      'other sizes, all of them, with the settings that fit',
      { startFrom: 'theirs', method: { promptLength: 5, rank: 3, alpha: null }, maxTextLength: 20 },
      {
        path: 'method.promptLength',
        expected: 'method.promptLength 4, method.rank 4, maxTextLength 24, method.alpha 8',
        got: 'method.promptLength 5, method.rank 3, maxTextLength 20, method.alpha null',
        remedy: expect.stringContaining(
          '--set method.promptLength=4 --set method.rank=4 --set maxTextLength=24 --set method.alpha=8',
        ),
      },
    ],
    [
      'an update for a method that has none',
      { startFrom: 'theirs', method: { name: 'prompt-tuning', promptLength: 4 } },
      { path: 'method.name' },
    ],
    ['what is written wrongly', { startFrom: 'theirs@first' }, { path: 'startFrom' }],
    [
      'what is not there',
      { startFrom: 'their' },
      { remedy: "Use 'theirs'.", expected: expect.stringMatching(/a run: 2.*an adapter: .*theirs/) },
    ],
  ])('%s', async (_what, changes, details) => {
    const before = openRun(home, source).folder;
    await expect(startRun(home, configFor('caption', changes), {})).rejects.toMatchObject({ details });
    expect(openRun(home, source).folder).toBe(before);
  });

  test('a projection of other visual tokens', async () => {
    const config = { ...deptFields, vision_model: 'clip' };
    const projected = { ...tensors, 'visual_projection.linear.weight': drawn('w', width, 64) };
    await addAdapter(home, writeAdapter(join(files, 'seeing'), config, projected), 'seeing');
    expect(() => firstValues({ startFrom: 'seeing' })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringContaining('projection of other visual tokens'),
      }),
    );
  });
});

test('a run says whose values it began with, learns from them, and is exported again', async () => {
  const started = await startRun(home, configFor('caption', { startFrom: 'theirs' }), {});
  const run = openRun(home, started.run);
  expect(run.record().fingerprints['starting point']).toMatch(/^[0-9a-f]{16}$/);
  const lines = run.read('log').values as { message: string }[];
  expect(lines.map(({ message }) => message).join('\n')).toContain('First values are those of the adapter theirs');
  const output = join(files, 'again');
  const { remarks, files: written } = await exportAdapter(
    home,
    { run: run.id, checkpoint: 'last', format: 'dept', output },
    {},
  );
  expect(written.map(({ name }) => name)).toContain('visual_projection.safetensors');
  expect(remarks.join(' ')).toContain('visual_projection.safetensors');
  const again = readAdapter(output);
  expect({ m: again.promptLength, r: again.rank, s: again.maxTextLength, d: again.width }).toEqual({
    m: 4,
    r: 4,
    s: 24,
    d: width,
  });
  expect(again.tensors[PROMPT]!.data).not.toEqual(tensors[PROMPT].data);
}, 60_000);

test('a run that was killed before its first checkpoint begins again with the same values, or not at all', async () => {
  await addAdapter(home, writeAdapter(join(files, 'first'), deptFields, tensors), 'passing');
  const stop = AbortSignal.abort();
  const { run, step } = await startRun(home, configFor('caption', { startFrom: 'passing' }), { signal: stop });
  expect(step).toBe(0);
  rmSync(join(home, 'adapters', 'passing'), { recursive: true });
  await expect(resumeRun(home, run, {})).rejects.toMatchObject({ code: 'not-found' });
  const other = { ...tensors, [PROMPT]: drawn('other', 4, width) };
  await addAdapter(home, writeAdapter(join(files, 'second'), deptFields, other), 'passing');
  await expect(resumeRun(home, run, {})).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('starting point'),
  });
}, 60_000);
