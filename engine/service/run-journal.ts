/** What a run leaves on disk while it trains, and whom it tells: measurements, sample predictions, checkpoints. */
import type { TrainResult } from '../contract/calls.ts';
import type { TrainHooks } from '../contract/jobs.ts';
import type { Metrics } from '../contract/metrics.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { type TrainerState, writeCheckpointFiles } from '../training/checkpoint-files.ts';
import type { Stopwatch } from '../training/stopwatch.ts';
import type { TrainedParameter } from '../training/train-step.ts';
import type { StepReport } from '../training/trainer.ts';
import { adapterConfig } from './adapter-config.ts';
import type { OpenModel } from './open-model.ts';
import { type Reference, score } from './scoring.ts';

/** Predictions that are kept at every evaluation: the first of the split. */
const SAMPLES = 8;

export class RunJournal {
  readonly #run: RunFolder;
  readonly #config: TrainConfig;
  readonly #adapter: Readonly<Record<string, unknown>>;
  readonly #tell: NonNullable<TrainHooks['event']>;
  readonly #watch: Stopwatch;
  /** The newest evaluation. */
  #measured: { readonly step: number; readonly metrics: Metrics } | undefined;

  constructor(run: RunFolder, config: TrainConfig, model: OpenModel, watch: Stopwatch, { event }: TrainHooks) {
    this.#run = run;
    this.#config = config;
    this.#adapter = adapterConfig(config, model);
    this.#watch = watch;
    this.#tell = event ?? (() => {});
  }

  step(report: StepReport): void {
    const { seconds } = this.#watch;
    this.#run.appendMetrics({ ...report, seconds, memory: process.memoryUsage.rss() });
    this.#tell({ type: 'step', step: report.step, steps: this.#config.steps, loss: report.loss });
  }

  /** Gives back the number that chooses the best checkpoint. */
  evaluation(step: number, references: readonly Reference[], predictions: readonly string[]): number {
    const { task, evaluation } = this.#config;
    const metrics = score(task, references, predictions);
    this.#run.appendMetrics({ step, metrics, seconds: this.#watch.seconds });
    references.slice(0, SAMPLES).forEach(({ id, imageId, question, references: expected }, i) => {
      this.#run.appendSample({ step, id, imageId, question, prediction: predictions[i], references: expected });
    });
    this.#measured = { step, metrics };
    return metrics[evaluation.metric] as number;
  }

  /** Comes after the evaluation of the same step, which only now is known to be the best or not. */
  checkpoint(parameters: readonly TrainedParameter[], state: TrainerState, isBest: boolean): void {
    const { step } = state;
    const { checkpoints } = this.#run;
    const write = (folder: string): void => writeCheckpointFiles(folder, parameters, state, this.#adapter);
    checkpoints.write(step, write, isBest ? bestMetric(this.#config, state) : undefined);
    if (isBest) markBest(this.#run, this.#config, state);
    checkpoints.prune(checkpoints.steps().slice(-this.#config.checkpoint.keep));
    if (this.#measured?.step === step) this.#tell({ type: 'evaluation', ...this.#measured, best: isBest });
    this.#tell({ type: 'checkpoint', step, folder: checkpoints.folder(step) });
  }
}

function bestMetric({ evaluation }: TrainConfig, { best }: TrainerState): { name: string; value: number } {
  return { name: evaluation.metric, value: best!.value };
}

/** Makes the run's best checkpoint the one that the trainer's state names: a kill may have come between the two. */
export function markBest(run: RunFolder, config: TrainConfig, state: TrainerState): void {
  if (state.best !== null) run.checkpoints.markBest(state.best.step, bestMetric(config, state));
}

/** Training time of the run so far, in seconds, as the newest of its measurements has it; 0 before the first. */
export function trainedSeconds(run: RunFolder): number {
  const newest = run.last('metrics', (line) => typeof (line as { seconds?: unknown }).seconds === 'number');
  return (newest as { seconds: number } | undefined)?.seconds ?? 0;
}

/** The best checkpoint so far with the metrics that it was given. */
export function bestOf(run: RunFolder): TrainResult['best'] {
  const mark = run.checkpoints.best();
  const lines = run.read('metrics').values as readonly { step: number; metrics?: Metrics }[];
  const metrics = lines.find((line) => line.step === mark?.step && line.metrics !== undefined)?.metrics;
  return mark === undefined || metrics === undefined ? undefined : { step: mark.step, metrics };
}
