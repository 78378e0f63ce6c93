/** The training loop: batches to steps, metrics, evaluation, checkpoints, early stopping, stop on request. */
import { DeptError } from '../common/errors.ts';
import type { ParameterGroup } from '../graph/parameter.ts';
import type { Value } from '../runtime/session.ts';
import { type Batch, type BatchPlan, BatchSequence } from './batches.ts';
import type { TrainerState } from './checkpoint-files.ts';
import { type ScheduleOptions, scheduleFactor } from './schedule.ts';
import type { TrainedParameter, TrainStep } from './train-step.ts';

export interface TrainingPlan extends BatchPlan {
  readonly steps: number;
  /** Batches in a step. */
  readonly accumulation: number;
  /** Peak learning rate of each group. */
  readonly rates: Readonly<Record<ParameterGroup, number>>;
  readonly schedule: ScheduleOptions;
  /** Steps between evaluations. */
  readonly evaluateEvery: number;
  /** Evaluations without a better score before training stops; null: never. */
  readonly patience: number | null;
  /** Steps between checkpoints; there is one after every evaluation as well. */
  readonly checkpointEvery: number;
}

/** What one step measured. */
export interface StepReport {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly rates: Readonly<Record<ParameterGroup, number>>;
  readonly samplesPerSecond: number;
}

/** The world around the loop. */
export interface TrainingHooks {
  /** The feeds of one step, one entry per accumulated batch. */
  readonly batchFeeds: (batches: readonly Batch[]) => Record<string, Value>[];
  /** Scores the parameters as they are; higher is better. Null where it was asked to stop meanwhile. */
  readonly evaluate: (parameters: readonly TrainedParameter[], step: number) => Promise<number | null>;
  readonly save: (parameters: readonly TrainedParameter[], state: TrainerState, isBest: boolean) => void;
  readonly report: (report: StepReport) => void;
  /** Whether somebody asked to stop; read between steps. */
  readonly stopRequested: () => boolean;
  /** Awaited between steps: pending while training is to stand still. */
  readonly unpaused?: (() => Promise<void>) | undefined;
}

export type TrainingEnd = 'finished' | 'stopped' | 'converged';

/** Learning rates of the update after `step` updates. */
export function ratesAt({ rates, schedule, steps }: TrainingPlan, step: number): Record<ParameterGroup, number> {
  const factor = scheduleFactor(schedule, step, steps);
  return { prompt: rates.prompt * factor, lowRank: rates.lowRank * factor, projection: rates.projection * factor };
}

function evaluationIsDue({ steps, evaluateEvery }: TrainingPlan, { step, evaluated }: TrainerState): boolean {
  return step > evaluated && (step === steps || step % evaluateEvery === 0);
}

/** The state after an evaluation; an equal score is not better. */
function scored(state: TrainerState, value: number): TrainerState {
  const evaluated = state.step;
  const better = state.best === null || value > state.best.value;
  return better
    ? { ...state, evaluated, best: { step: state.step, value }, stale: 0 }
    : { ...state, evaluated, stale: state.stale + 1 };
}

/**
 * Trains from `start` (step 0 for a new run) to the plan's last step, a stop request or convergence. Everything drawn at
 * random depends on seed and step only, so a run continued from any saved state ends in the same bits.
 * @throws DeptError 'runtime-failed' when the loss is not a number any more.
 */
export async function train(
  plan: TrainingPlan,
  step: TrainStep,
  start: TrainerState,
  hooks: TrainingHooks,
): Promise<{ readonly end: TrainingEnd; readonly state: TrainerState }> {
  const sequence = new BatchSequence(plan);
  let state = start;
  let saved = start.step;
  const save = (isBest: boolean): void => {
    hooks.save(step.parameters, state, isBest);
    saved = state.step;
  };
  const stop = (): { end: TrainingEnd; state: TrainerState } => {
    if (saved !== state.step) save(false);
    return { end: 'stopped', state };
  };
  for (;;) {
    if (evaluationIsDue(plan, state)) {
      const value = await hooks.evaluate(step.parameters, state.step);
      if (value === null) return stop(); // a resumed run begins with this evaluation
      state = scored(state, value);
      save(state.best?.step === state.step);
    }
    if (state.step === plan.steps) return { end: 'finished', state };
    if (plan.patience !== null && state.stale >= plan.patience) return { end: 'converged', state };
    await hooks.unpaused?.();
    if (hooks.stopRequested()) return stop();

    const begun = performance.now();
    const first = state.step * plan.accumulation;
    const batches = Array.from({ length: plan.accumulation }, (_, i) => sequence.at(first + i));
    const rates = ratesAt(plan, state.step);
    const { loss, gradientNorm } = await step.run(hooks.batchFeeds(batches), state.step, rates);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new DeptError('runtime-failed', `Training diverged at step ${state.step + 1}`, {
        expected: 'a finite loss and gradient',
        got: `loss ${loss}, gradient norm ${gradientNorm}`,
        remedy:
          saved === 0
            ? 'Lower the learning rates.'
            : `Lower the learning rates; the checkpoint of step ${saved} is as it was.`,
      });
    }
    state = { ...state, step: state.step + 1 };
    const samples = batches.reduce((sum, { examples }) => sum + examples.length, 0);
    const samplesPerSecond = samples / ((performance.now() - begun) / 1000);
    hooks.report({ step: state.step, epoch: batches[0]!.epoch, loss, gradientNorm, rates, samplesPerSecond });
    if (!evaluationIsDue(plan, state) && state.step % plan.checkpointEvery === 0) save(false);
  }
}
