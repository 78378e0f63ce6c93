/** Whole command lines, against a service that answers as told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import type { Service, TrainResult } from '../../engine/contract/calls.ts';
import type { TrainHooks } from '../../engine/contract/jobs.ts';
import type { TrainConfig } from '../../engine/contract/train-config.ts';
import { dept } from './fake-host.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-cli-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const trained: TrainResult = {
  run: 'r1',
  folder: '/runs/r1',
  status: 'finished',
  step: 300,
  seconds: 61,
  parameters: { trained: 76_800, frozen: 222_903_552, share: 76_800 / 222_980_352 },
  best: { step: 200, metrics: { accuracy: 74.2 } },
};

/** A service whose training tells of one step and one evaluation, and remembers its config. */
function trainer(configs: TrainConfig[] = []): Partial<Service> {
  return {
    train: async (config, hooks) => {
      configs.push(config);
      hooks?.event?.({ type: 'step', step: 1, steps: 300, loss: 2.5 });
      hooks?.event?.({ type: 'evaluation', step: 200, metrics: { accuracy: 74.2 }, best: true });
      return trained;
    },
  };
}

const train = ['train', '--dataset', 'd', '--task', 'vqa', '--vision', 'clip', '--language', 't5'];

describe('usage', () => {
  test('help goes to stdout with exit code 0', async () => {
    const { exitCode, stdout } = await dept(['--help'], { home });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: dept');
  });

  test('the help of train names every setting', async () => {
    const { stdout } = await dept(['train', '--help'], { home });
    expect(stdout).toContain('learningRates.prompt: number >= 0, default 0.3');
    expect(stdout).toContain('method.rank [dept]: whole number >= 0');
  });

  test.each([
    [['trian'], /unknown command 'trian'[\s\S]*Did you mean train/],
    [['train', '--nonsense'], /unknown option '--nonsense'/],
    [['features', 'd'], /required option '--vision <model>' not specified/],
    [['ask', 'a.png', '--run', 'r'], /missing required argument 'question'/],
    [['eval', 'r', '--checkpoint', 'worst'], /Expected best, last or a step/],
    [['demo', '--task', 'dance'], /Allowed choices are vqa, caption, both/],
    [[], /Usage: dept/],
    [['models'], /Usage: dept models/],
  ])('%j is exit code 2, told on stderr', async (args, words) => {
    const { exitCode, stdout, stderr } = await dept(args, { home });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
    expect(stdout).toBe('');
  });

  test.each([
    [['trian', '--json'], /unknown command/],
    [['--json'], /No command was given/],
  ])('%j is one JSON document', async (args, words) => {
    const { exitCode, stdout, stderr } = await dept(args, { home });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toEqual({ code: 'bad-input', message: expect.stringMatching(words) });
    expect(stderr).toBe('');
  });
});

describe('failures', () => {
  const failing = (error: unknown) => ({ home, service: { resume: () => Promise.reject(error) } });
  const notFound = new DeptError('not-found', 'There is no run', { path: '/runs/x', remedy: 'Look at dept runs list' });

  test('a typed error is described', async () => {
    const { exitCode, stderr, stdout } = await dept(['resume', 'x'], failing(notFound));
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error: There is no run\n  where:    /runs/x\n  remedy:   Look at dept runs list\n');
    expect(stdout).toBe('');
  });

  test('with --json it is its record', async () => {
    const { exitCode, stdout } = await dept(['--json', 'resume', 'x'], failing(notFound));
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: notFound.toRecord() });
  });

  test('a failure of the work itself is exit code 1', async () => {
    expect((await dept(['resume', 'x'], failing(new DeptError('runtime-failed', 'no')))).exitCode).toBe(1);
    expect((await dept(['resume', 'x'], failing(new DeptError('cancelled', 'no')))).exitCode).toBe(1);
  });

  test('an error that nobody foresaw comes with its stack', async () => {
    const { exitCode, stderr } = await dept(['resume', 'x'], failing(new TypeError('oops')));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: TypeError: oops\n {4}at /);
  });
});

describe('train', () => {
  test('flags and settings make the config, the last one counts', async () => {
    const configs: TrainConfig[] = [];
    const settings = ['--set', 'learningRates.prompt=0.5', '--set', 'steps=900', '--set', 'steps=800'];
    const { exitCode } = await dept([...train, '--method', 'prompt-tuning', ...settings], {
      home,
      service: trainer(configs),
    });
    expect(exitCode).toBe(0);
    expect(configs[0]).toMatchObject({
      task: 'vqa',
      dataset: { name: 'd' },
      method: { name: 'prompt-tuning', promptLength: 100 },
      learningRates: { prompt: 0.5 },
      steps: 800,
    });
  });

  test('flags go over the config file', async () => {
    const file = join(home, 'config.json');
    writeFileSync(file, JSON.stringify({ task: 'caption', dataset: { name: 'other' }, seed: 7 }));
    const configs: TrainConfig[] = [];
    await dept([...train, '--config', file], { home, service: trainer(configs) });
    expect(configs[0]).toMatchObject({ task: 'vqa', dataset: { name: 'd' }, seed: 7 });
  });

  test.each([
    ['missing.json', 'not-found'],
    ['broken.json', 'bad-file'],
  ])('%s is refused as %s', async (name, code) => {
    writeFileSync(join(home, 'broken.json'), '{');
    const { exitCode, stdout } = await dept([...train, '--json', '--config', join(home, name)], { home });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code, path: join(home, name) });
  });

  test('a setting that does not exist is refused before anything starts', async () => {
    const { exitCode, stderr } = await dept([...train, '--set', 'learningRates.promt=1'], { home });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean learningRates.prompt?');
  });

  test('the result is told on stdout, the way there on stderr', async () => {
    const { stdout, stderr } = await dept(train, { home, service: trainer() });
    expect(stderr).toBe('Training  1/300 steps  loss 2.5\nstep 200: accuracy 74.2  (best so far)\n');
    expect(stdout).toBe(
      [
        'run     r1',
        'status  finished at step 300 after 1m 01s',
        'best    step 200: accuracy 74.2',
        'folder  /runs/r1',
        '',
        'Next: dept eval r1',
        '',
      ].join('\n'),
    );
  });

  test('with --json stdout is the result and nothing else', async () => {
    const { stdout } = await dept([...train, '--json'], { home, service: trainer() });
    expect(JSON.parse(stdout)).toEqual(trained);
  });

  test('a terminal is left clean', async () => {
    const { stderr } = await dept(train, { home, service: trainer(), terminal: true });
    expect(stderr.endsWith('\r\x1b[K')).toBe(true);
  });

  test('Ctrl-C asks the run to save and stop, once more quits', async () => {
    let press = () => {};
    const clock = { time: 0 };
    const service: Partial<Service> = {
      train: async (_config: TrainConfig, hooks?: TrainHooks) => {
        press();
        expect(hooks?.signal?.aborted).toBe(true);
        clock.time += 1000;
        press();
        return { ...trained, status: 'stopped' };
      },
    };
    const outcome = await dept(train, {
      home,
      service,
      now: () => clock.time,
      interruptible: (listener) => {
        press = listener;
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, quits: [130] });
    expect(outcome.stderr).toContain('Press Ctrl-C again to quit at once');
    expect(outcome.stdout).toContain('Next: dept resume r1');
  });
});

describe('evaluation and generation', () => {
  test('eval gives the split, the checkpoint and the file on', async () => {
    const requests: unknown[] = [];
    const service: Partial<Service> = {
      evaluate: async (request) => {
        requests.push(request);
        return { ...request, dataset: 'd', step: 200, examples: 1234, metrics: { accuracy: 74.2 } };
      },
    };
    const { stdout } = await dept(['eval', 'r1', '--checkpoint', '200', '--predictions', 'p.json'], { home, service });
    expect(requests).toEqual([{ run: 'r1', split: 'test', checkpoint: 200, predictions: 'p.json' }]);
    expect(stdout).toBe('r1 at step 200 on 1,234 examples of d/test\n\naccuracy  74.2\n\nPredictions: p.json\n');
  });

  test('caption names the images where there are several', async () => {
    const service: Partial<Service> = {
      caption: async ({ images }) => images.map((image) => ({ image, caption: 'a red circle' })),
    };
    expect((await dept(['caption', 'a.png', '--run', 'r'], { home, service })).stdout).toBe('a red circle\n');
    expect((await dept(['caption', 'a.png', 'b.png', '--run', 'r'], { home, service })).stdout).toBe(
      'a.png: a red circle\nb.png: a red circle\n',
    );
  });

  test('ask answers', async () => {
    const service: Partial<Service> = {
      ask: async ({ image, question }) => ({ image, question, answer: 'red' }),
    };
    const args = ['ask', 'a.png', 'what colour is it?', '--run', 'r'];
    expect((await dept(args, { home, service })).stdout).toBe('red\n');
  });

  test('demo runs both tasks unless told', async () => {
    const tasks: unknown[] = [];
    const service: Partial<Service> = {
      demo: async (request) => {
        tasks.push(request.tasks);
        const evaluation = { run: 'r1', dataset: 'd', split: 'test', step: 1, examples: 5, metrics: { accuracy: 50 } };
        const floor = { name: 'question-only', metrics: { accuracy: 30 } } as const;
        const example = { image: 'a.png', question: 'what is it?', text: 'a dog', expected: 'a cat' };
        return request.tasks.map((task) => ({ task, train: trained, evaluation, floor, example }));
      },
    };
    const { stdout } = await dept(['demo'], { home, service });
    await dept(['demo', '--task', 'vqa'], { home, service });
    expect(tasks).toEqual([['vqa', 'caption'], ['vqa']]);
    expect(stdout).toContain('On 5 examples of test:\naccuracy  50');
  });

  test('features tells what was new', async () => {
    const service: Partial<Service> = {
      features: async () => ({ folder: '/f', images: 5000, computed: 1200, bytes: 3e6 }),
    };
    const { stdout } = await dept(['features', 'd', '--vision', 'clip'], { home, service });
    expect(stdout).toBe('5,000 images, 1,200 of them new, 3.0 MB in /f\n');
  });
});
