/** A run of the training loop on the tiny model, and a diary of what the loop did. */
import { Random } from '../../engine/common/random.ts';
import type { TrainerState } from '../../engine/training/checkpoint-files.ts';
import type { Optimiser } from '../../engine/training/optimisers/optimiser.ts';
import { startParameters, type TrainedParameter } from '../../engine/training/train-step.ts';
import { type StepReport, type TrainingHooks, type TrainingPlan, train } from '../../engine/training/trainer.ts';
import { trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { deptMethod, feedsOf, fresh, modelWith, oldAdamW, openStep, type Sample, trainingBatches } from './tiny.ts';

const SEED = 3;
export const model = modelWith(deptMethod());
export const notBegun: TrainerState = { step: 0, evaluated: 0, best: null, stale: 0 };
export const firstParameters = (seed = SEED, optimiser = oldAdamW): TrainedParameter[] =>
  fresh(startParameters(trainedParameters(model), seed), optimiser);

/** The 18 samples of the golden batches, with scores of their own. */
export const samples: readonly Sample[] = trainingBatches.flat().map((sample, i) => {
  const random = new Random(SEED, 'score', i);
  return { ...sample, target: { ...sample.target, score: random.between(0.3, 1) } };
});

export const plan: TrainingPlan = {
  seed: SEED,
  batchSize: 3,
  lengths: samples.map(({ text, target }) => text.length + target.ids.length),
  steps: 12,
  accumulation: 1,
  rates: { prompt: 0.05, lowRank: 0.01, projection: 0.005 },
  schedule: { name: 'linear', warmupSteps: 2, timescale: null },
  evaluateEvery: 4,
  patience: null,
  checkpointEvery: 3,
};

interface Diary {
  /** `3` for a step, `evaluate 4`, `save 4 best`, ... */
  readonly lines: string[];
  readonly reports: StepReport[];
  readonly batches: (readonly number[])[];
  /** Of each batch. */
  readonly epochs: number[];
}

export interface RunOptions {
  readonly plan?: Partial<TrainingPlan>;
  readonly start?: TrainerState;
  readonly parameters?: readonly TrainedParameter[];
  readonly dropoutRate?: number;
  readonly optimiser?: Optimiser;
  /** What the evaluations find, in turn; null: that they are to stop. */
  readonly scores?: readonly (number | null)[];
  /** Asks to stop once this step is done. */
  readonly stopAfter?: number;
  readonly onSave?: TrainingHooks['save'];
  /** Called with the step that is done, before the next one; what it gives is waited for. */
  readonly pause?: (step: number) => Promise<void>;
}

export async function runTiny({ start = notBegun, optimiser = oldAdamW, ...options }: RunOptions) {
  const parameters = options.parameters ?? firstParameters(SEED, optimiser);
  const whole = { ...plan, ...options.plan };
  const diary: Diary = { lines: [], reports: [], batches: [], epochs: [] };
  const scores = [...(options.scores ?? [])];
  const step = await openStep(model, parameters, {
    seed: whole.seed,
    optimiser,
    dropoutRate: options.dropoutRate ?? 0,
  });
  let done = start.step;
  const hooks: TrainingHooks = {
    batchFeeds: (batches) => {
      diary.batches.push(...batches.map(({ examples }) => examples));
      diary.epochs.push(...batches.map(({ epoch }) => epoch));
      const inBatches = batches.map(({ examples }) => examples.map((i) => samples[i]!));
      return inBatches.map((batch) => feedsOf(model, 'vqa', batch, inBatches.flat()));
    },
    evaluate: async (_parameters, at) => {
      diary.lines.push(`evaluate ${at}`);
      return scores.length === 0 ? 0 : scores.shift()!;
    },
    save: (values, state, isBest) => {
      diary.lines.push(`save ${state.step}${isBest ? ' best' : ''}`);
      options.onSave?.(values, state, isBest);
    },
    report: (report) => {
      done = report.step;
      diary.reports.push(report);
      diary.lines.push(String(report.step));
    },
    stopRequested: () => done === options.stopAfter,
    unpaused: options.pause && (() => options.pause!(done)),
  };
  try {
    return { ...(await train(whole, step, start, hooks)), diary, parameters };
  } finally {
    await step.release();
  }
}
