/** Whole command lines, against a service that answers as told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { solveRank } from '../../engine/contract/budget.ts';
import type { DemoResult, Service, TrainResult } from '../../engine/contract/calls.ts';
import type { TrainHooks } from '../../engine/contract/jobs.ts';
import { presets } from '../../engine/contract/presets.ts';
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
      hooks?.event?.({ type: 'start', run: 'r1', folder: '/runs/r1', step: 0, steps: 300 });
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

  test('the config file goes over the preset, another method over its method', async () => {
    const file = join(home, 'own.json');
    writeFileSync(file, JSON.stringify({ batchSize: 5, method: { name: 'prompt-tuning' } }));
    const configs: TrainConfig[] = [];
    const preset = ['train', '--preset', 'bundled', '--dataset', 'd', '--task', 'caption'];
    await dept(preset, { home, service: trainer(configs) });
    await dept([...preset, '--config', file, '--set', 'steps=77'], { home, service: trainer(configs) });
    const [whole, changed] = configs;
    const bundled = presets.bundled('caption');
    expect(whole).toMatchObject({ ...bundled, dataset: { name: 'd' } });
    expect(changed).toEqual({ ...whole, batchSize: 5, steps: 77, method: expect.anything() });
    expect(changed!.method).toMatchObject({ name: 'prompt-tuning', promptLength: 100 });
  });

  test("the paper's preset solves its rank for the language model, unless one is given", async () => {
    const configs: TrainConfig[] = [];
    const paper = ['train', '--preset', 'paper', '--dataset', 'd', '--vision', 'c', '--language', 'scenes-t5'];
    await dept(paper, { home, service: trainer(configs) });
    await dept([...paper, '--set', 'method.rank=9'], { home, service: trainer(configs) });
    const ranks = configs.map(({ method }) => 'rank' in method && method.rank);
    expect(ranks).toEqual([solveRank({ width: 192, textLength: 20 }, 100, 20), 9]);
    const unknown = await dept([...paper, '--language', 'gone'], { home, service: trainer(configs) });
    expect(unknown.stderr).toContain("There is no model 'gone'");
  });

  test.each([
    ['missing.json', 'not-found'],
    ['broken.json', 'bad-file'],
    ['list.json', 'bad-file'],
  ])('%s is refused as %s', async (name, code) => {
    writeFileSync(join(home, 'broken.json'), '{');
    writeFileSync(join(home, 'list.json'), '[1]');
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
    expect(stderr).toBe('run r1\nTraining  1/300 steps  loss 2.5\nstep 200: accuracy 74.2  (best so far)\n');
    expect(stdout).toBe(
      [
        'run      r1',
        'trained  76,800 of 222,980,352 values = 0.03 %',
        'status   finished at step 300 after 1m 01s',
        'best     step 200: accuracy 74.2',
        'folder   /runs/r1',
        '',
        'Next: dept eval r1',
        '',
      ].join('\n'),
    );
  });

  test('a resumed run says where it goes on', async () => {
    const service: Partial<Service> = {
      resume: async (run, hooks) => {
        hooks?.event?.({ type: 'start', run, folder: '/runs/r1', step: 1200, steps: 3000 });
        return trained;
      },
    };
    const { stderr } = await dept(['resume', 'r1'], { home, service });
    expect(stderr).toBe('run r1 goes on from step 1,200\n');
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
  const evaluated = {
    evaluation: 'test-200-0123abcd',
    dataset: 'd',
    step: 200,
    examples: 1234,
    metrics: { accuracy: 74.2 },
    predictions: 'p.json',
  };

  test('eval gives the split, the checkpoint and the file on', async () => {
    const requests: unknown[] = [];
    const service: Partial<Service> = {
      evaluate: async (request) => {
        requests.push(request);
        return { ...request, ...evaluated };
      },
    };
    const args = ['eval', 'r1', '--checkpoint', '200', '--limit', '50', '--predictions', 'p.json'];
    const { stdout } = await dept(args, { home, service });
    expect(requests).toEqual([{ run: 'r1', split: 'test', checkpoint: 200, limit: 50, predictions: 'p.json' }]);
    expect(stdout).toBe(
      'r1 at step 200 on 1,234 examples of d/test\n\naccuracy  74.2\n\nEvaluation: test-200-0123abcd\nPredictions: p.json\n',
    );
  });

  test('eval, caption and ask can generate otherwise than the run does', async () => {
    const decodings: unknown[] = [];
    const service: Partial<Service> = {
      evaluate: async ({ decoding, ...request }) => {
        decodings.push(decoding);
        return { ...request, ...evaluated };
      },
      caption: async ({ decoding, images }) => {
        decodings.push(decoding);
        return images.map((image) => ({ image, caption: 'a red circle' }));
      },
      ask: async ({ decoding, image, question }) => {
        decodings.push(decoding);
        return { image, question, answer: 'red' };
      },
    };
    const set = ['--set', 'evaluation.beams=4', '--set', 'evaluation.earlyStopping=never'];
    await dept(['eval', 'r1', ...set], { home, service });
    await dept(['caption', 'a.png', '--run', 'r', ...set], { home, service });
    await dept(['ask', 'a.png', 'what?', '--run', 'r', '--set', 'evaluation={"minLength":3}'], { home, service });
    const four = { beams: 4, earlyStopping: 'never' };
    expect(decodings).toEqual([four, four, { minLength: 3 }]);

    for (const wrong of ['seed=1', 'evaluation.limit=2', 'evaluation.beam=2']) {
      const { exitCode, stderr } = await dept(['eval', 'r1', '--set', wrong], { home, service });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(wrong === 'evaluation.beam=2' ? 'evaluation.beams?' : 'Only how text is generated');
    }
    expect(decodings).toHaveLength(3);
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

  describe('demo', () => {
    const vqa: DemoResult = {
      task: 'vqa',
      seconds: 100,
      train: trained,
      evaluation: {
        run: 'r1',
        evaluation: 'test-200-0123abcd',
        predictions: '/p.json',
        dataset: 'scenes',
        split: 'test',
        step: 200,
        examples: 2000,
        metrics: { accuracy: 71.23, perAnswerType: { 'yes/no': 80.1, other: 66 }, perQuestionType: { 'is the': 80 } },
      },
      floor: { name: 'question-only', metrics: { accuracy: 38.61 } },
      example: { image: '/a.png', question: 'what is it?', text: 'red', expected: 'dark red' },
    };
    const caption: DemoResult = {
      ...vqa,
      task: 'caption',
      evaluation: { ...vqa.evaluation, examples: 400, metrics: { CIDEr: 1.034, 'BLEU-4': 0.4 } },
      floor: { name: 'nearest-caption', metrics: { CIDEr: 1.05 } },
      example: { image: '/a.png', text: 'a red ring', expected: 'a ring' },
    };
    const service: Partial<Service> = {
      demo: async ({ tasks }) => tasks.map((task) => (task === 'vqa' ? vqa : caption)),
    };

    test('tells of each task what was trained, the score beside its floor, and an example', async () => {
      const { stdout } = await dept(['demo'], { home, service });
      expect(stdout.split('\n')).toEqual([
        'task       vqa',
        'run        r1',
        'trained    76,800 of 222,980,352 values = 0.03 %',
        'time       1m 40s, of which 1m 01s for 300 training steps',
        'score      VQA accuracy 71.2, question-only floor 38.6 (+32.6), on 2,000 questions of the test split',
        'by answer  yes/no 80.1, other 66.0',
        'picture    /a.png',
        'question   what is it?',
        'model      red',
        'people     dark red',
        '',
        'task     caption',
        'run      r1',
        'trained  76,800 of 222,980,352 values = 0.03 %',
        'time     1m 40s, of which 1m 01s for 300 training steps',
        'score    CIDEr 1.03, nearest-caption floor 1.05 (-0.02), on 400 pictures of the test split',
        'picture  /a.png',
        'model    a red ring',
        'people   a ring',
        '',
        'Next: dept ask <image> "<question>" --run r1',
        'Next: dept caption <image...> --run r1',
        '',
      ]);
    });

    test('runs one task where told, and gives all of it as JSON', async () => {
      const { stdout } = await dept(['demo', '--task', 'vqa', '--json'], { home, service });
      expect(JSON.parse(stdout)).toEqual([vqa]);
    });
  });

  test('features tells what was new', async () => {
    const service: Partial<Service> = {
      features: async () => ({ folder: '/f', images: 5000, computed: 1200, bytes: 3e6 }),
    };
    const { stdout } = await dept(['features', 'd', '--vision', 'clip'], { home, service });
    expect(stdout).toBe('5,000 images, 1,200 of them new, 3.0 MB in /f\n');
  });
});
