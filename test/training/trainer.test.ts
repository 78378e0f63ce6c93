/** The training loop on a tiny real model: what it does when, and how it ends. */
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { bits } from './tiny.ts';
import { firstParameters, notBegun, plan, runTiny, samples } from './tiny-run.ts';

const steps = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

describe('order of events', () => {
  test('evaluations every 4 steps and at the last, a checkpoint after each and every 3 steps, none twice', async () => {
    const { end, state, diary } = await runTiny({ plan: { steps: 10 }, scores: [0.2, 0.5, 0.4] });
    expect(diary.lines).toEqual([
      ...steps(1, 3),
      'save 3',
      '4',
      'evaluate 4',
      'save 4 best',
      ...steps(5, 6),
      'save 6',
      ...steps(7, 8),
      'evaluate 8',
      'save 8 best',
      '9',
      'save 9',
      '10',
      'evaluate 10',
      'save 10',
    ]);
    expect({ end, state }).toEqual({
      end: 'finished',
      state: { step: 10, evaluated: 10, best: { step: 8, value: 0.5 }, stale: 1 },
    });
  });

  test('an equal score is not better', async () => {
    const { state } = await runTiny({ plan: { steps: 6, evaluateEvery: 2 }, scores: [0.5, 0.5, 0.5] });
    expect(state).toEqual({ step: 6, evaluated: 6, best: { step: 2, value: 0.5 }, stale: 2 });
  });

  test('every step reports loss, norm, rates and epoch', async () => {
    const { diary } = await runTiny({});
    expect(diary.reports.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect(diary.reports[1]!.rates).toEqual({ prompt: 0.025, lowRank: 0.005, projection: 0.0025 });
    expect(diary.reports[2]!.rates).toEqual(plan.rates);
    for (const { loss, gradientNorm, samplesPerSecond } of diary.reports) {
      expect(Math.min(loss, gradientNorm, samplesPerSecond)).toBeGreaterThan(0);
    }
  });

  test('accumulated batches are taken in order, each sample once an epoch', async () => {
    const { diary } = await runTiny({ plan: { steps: 6, accumulation: 2 } });
    expect(diary.batches.length).toBe(12);
    const epochs = [diary.batches.slice(0, 6), diary.batches.slice(6)];
    for (const batches of epochs) expect(batches.flat().sort((a, b) => a - b)).toEqual(samples.map((_, i) => i));
    expect(diary.reports.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('a step across the border of two epochs takes batches of both', async () => {
    const { diary } = await runTiny({ plan: { steps: 2, accumulation: 4 } });
    expect(diary.epochs).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  });
});

test('it learns', async () => {
  const { diary } = await runTiny({ plan: { steps: 60, evaluateEvery: 60, checkpointEvery: 60 } });
  const mean = (part: typeof diary.reports): number => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
  expect(mean(diary.reports.slice(-6))).toBeLessThan(0.9 * mean(diary.reports.slice(0, 6)));
});

describe('early stopping', () => {
  test('after as many evaluations without a better score as patience has', async () => {
    const scores = [0.1, 0.5, 0.4, 0.5, 0.9];
    const { end, state, diary } = await runTiny({ plan: { steps: 12, evaluateEvery: 2, patience: 2 }, scores });
    expect({ end, state }).toEqual({
      end: 'converged',
      state: { step: 8, evaluated: 8, best: { step: 4, value: 0.5 }, stale: 2 },
    });
    expect(diary.lines.at(-1)).toBe('save 8');
  });

  test('a better score starts the count again', async () => {
    const scores = [0.5, 0.4, 0.6, 0.5, 0.7, 0.1];
    const { end, state } = await runTiny({ plan: { steps: 12, evaluateEvery: 2, patience: 2 }, scores });
    expect({ end, stale: state.stale }).toEqual({ end: 'finished', stale: 1 });
  });

  test('a run whose patience ends with its last step has finished', async () => {
    const { end } = await runTiny({ plan: { steps: 4, evaluateEvery: 2, patience: 1 }, scores: [0.5, 0.4] });
    expect(end).toBe('finished');
  });

  test('a run that has ended so is not taken up again', async () => {
    const start = { step: 8, evaluated: 8, best: { step: 4, value: 0.5 }, stale: 2 };
    const { end, diary } = await runTiny({ plan: { evaluateEvery: 2, patience: 2 }, start });
    expect({ end, lines: diary.lines }).toEqual({ end: 'converged', lines: [] });
  });
});

describe('a request to stop', () => {
  test('is met between steps, with a checkpoint', async () => {
    const { end, state, diary } = await runTiny({ stopAfter: 5, scores: [0.3] });
    expect({ end, state }).toEqual({
      end: 'stopped',
      state: { step: 5, evaluated: 4, best: { step: 4, value: 0.3 }, stale: 0 },
    });
    expect(diary.lines.slice(-2)).toEqual(['5', 'save 5']);
  });

  test('saves nothing twice', async () => {
    const { diary } = await runTiny({ stopAfter: 4 });
    expect(diary.lines.slice(-3)).toEqual(['4', 'evaluate 4', 'save 4 best']);
  });

  test('during an evaluation leaves that evaluation to the resumed run', async () => {
    const stopped = await runTiny({ scores: [null] });
    const state = { step: 4, evaluated: 0, best: null, stale: 0 };
    expect(stopped).toMatchObject({ end: 'stopped', state });
    expect(stopped.diary.lines.slice(-3)).toEqual(['4', 'evaluate 4', 'save 4']);
    const resumed = await runTiny({ start: state, scores: [0.5] });
    expect(resumed.diary.lines.slice(0, 3)).toEqual(['evaluate 4', 'save 4 best', '5']);
  });

  test('before the first step leaves everything as it was', async () => {
    const { end, state, diary, parameters } = await runTiny({ stopAfter: 0 });
    expect({ end, state, lines: diary.lines }).toEqual({ end: 'stopped', state: notBegun, lines: [] });
    firstParameters().forEach(({ values }, i) => {
      expect(bits(parameters[i]!.values)).toEqual(bits(values));
    });
  });
});

test('a run that is done has no step left', async () => {
  const start = { step: 12, evaluated: 12, best: { step: 8, value: 0.5 }, stale: 1 };
  const { end, state, diary } = await runTiny({ start });
  expect({ end, state, lines: diary.lines }).toEqual({ end: 'finished', state: start, lines: [] });
});

describe('divergence is an error that names the step', () => {
  /** Larger than float32 can hold, so that the first update ends in infinity. */
  const rates = { prompt: 1e40, lowRank: 0.01, projection: 0.005 };
  const constant = { name: 'constant', warmupSteps: 0, timescale: null } as const;
  const diverged = async (checkpointEvery: number): Promise<DeptError> => {
    const run = runTiny({ plan: { rates, schedule: constant, checkpointEvery } });
    return run.then(
      () => expect.fail('no error was thrown'),
      (error) => {
        expect(error).toBeInstanceOf(DeptError);
        return error as DeptError;
      },
    );
  };

  test('before any checkpoint', async () => {
    const { code, message, details } = await diverged(3);
    expect({ code, message }).toEqual({ code: 'runtime-failed', message: 'Training diverged at step 2' });
    expect(details.got).toContain('NaN');
    expect(details.remedy).toBe('Lower the learning rates.');
  });

  test('after one', async () => {
    const { details } = await diverged(1);
    expect(details.remedy).toContain('the checkpoint of step 1');
  });
});

describe('a pause', () => {
  test('holds training between two steps, and changes nothing', async () => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    let isOpen = false;
    const isOpenAt: boolean[] = [];
    const pause = async (step: number): Promise<void> => {
      if (step === 3) {
        reach();
        await opened;
      }
      isOpenAt[step] = isOpen;
    };
    const running = runTiny({ plan: { steps: 5 }, pause });
    await reached;
    isOpen = true;
    open();
    const { parameters } = await running;
    expect(isOpenAt.slice(0, 5)).toEqual([false, false, false, true, true]);
    const unheld = await runTiny({ plan: { steps: 5 } });
    const bitsOf = (all: typeof parameters) => all.map(({ values }) => bits(values));
    expect(bitsOf(parameters)).toEqual(bitsOf(unheld.parameters));
  });

  test('a request to stop is heard when it ends', async () => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const pause = (step: number): Promise<void> => {
      if (step !== 2) return Promise.resolve();
      reach();
      return opened;
    };
    const running = runTiny({ stopAfter: 2, pause });
    await reached;
    open();
    expect(await running).toMatchObject({ end: 'stopped', state: { step: 2 } });
  });
});
