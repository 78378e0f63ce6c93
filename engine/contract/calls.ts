/** The calls that need models: what each takes and gives back. Everything is plain data, so that any carrier can take it. */
import type { z } from 'zod';
import type { Decoding } from './decoding-config.ts';
import type { evaluateResultSchema, trainResultSchema } from './job-calls.ts';
import type { JobHooks, TrainHooks } from './jobs.ts';
import type { Metrics } from './metrics.ts';
import type { Task, TrainConfig } from './train-config.ts';

/** A saved state of a run: the best by the run's metric, the newest, or that of a step. */
export type CheckpointChoice = 'best' | 'last' | number;

export interface FeaturesRequest {
  readonly dataset: string;
  /** The fields of the training config that decide what is computed. */
  readonly vision: Omit<TrainConfig['vision'], 'projection'>;
}

export interface FeaturesResult {
  /** Folder of the feature cache that now holds the whole dataset. */
  readonly folder: string;
  readonly images: number;
  /** Of these: computed by this call; the others were there. */
  readonly computed: number;
  readonly bytes: number;
}

export type TrainResult = Readonly<z.output<typeof trainResultSchema>>;

/** A trained run at one of its checkpoints, and where it is to generate otherwise than its config says. */
export interface TrainedRunRequest {
  readonly run: string;
  readonly checkpoint: CheckpointChoice;
  readonly decoding?: Partial<Decoding>;
}

export interface EvaluateRequest extends TrainedRunRequest {
  readonly split: string;
  /** Evaluate on the first examples of the split only; missing: all. */
  readonly limit?: number;
  /** Where to write the predictions beside the evaluation's own folder, in the task's official result format. */
  readonly predictions?: string;
}

export type EvaluateResult = Readonly<z.output<typeof evaluateResultSchema>>;

export interface CaptionRequest extends TrainedRunRequest {
  /** Image files. */
  readonly images: readonly string[];
}

export interface CaptionResult {
  readonly image: string;
  readonly caption: string;
}

export interface AskRequest extends TrainedRunRequest {
  readonly image: string;
  readonly question: string;
}

export interface AskResult {
  readonly image: string;
  readonly question: string;
  readonly answer: string;
}

export interface DemoRequest {
  readonly tasks: readonly Task[];
}

/** One of the demo's runs, from its start to its use. */
export interface DemoResult {
  readonly task: Task;
  /** Training, scoring and all. */
  readonly seconds: number;
  readonly train: TrainResult;
  readonly evaluation: EvaluateResult;
  /** What a score without looking (VQA) or without writing (captions) would be, on the same test examples. */
  readonly floor: {
    /** `question-only`: the best answer per question text on train; `nearest-caption`: the caption of the nearest picture. */
    readonly name: 'question-only' | 'nearest-caption';
    readonly metrics: Metrics;
  };
  /** One test picture, what was asked (VQA only), what the model wrote, and what people did. */
  readonly example: {
    readonly image: string;
    readonly question?: string;
    readonly text: string;
    readonly expected: string;
  };
}

/** All calls throw DeptError: `not-found` for an unknown name, `bad-input` for what does not fit together. */
export interface Service {
  features(request: FeaturesRequest, hooks?: JobHooks): Promise<FeaturesResult>;
  train(config: TrainConfig, hooks?: TrainHooks): Promise<TrainResult>;
  /** Goes on from the run's last checkpoint, to the very numbers of an uninterrupted run. */
  resume(run: string, hooks?: TrainHooks): Promise<TrainResult>;
  evaluate(request: EvaluateRequest, hooks?: JobHooks): Promise<EvaluateResult>;
  caption(request: CaptionRequest, hooks?: JobHooks): Promise<CaptionResult[]>;
  ask(request: AskRequest, hooks?: JobHooks): Promise<AskResult>;
  /** Trains, evaluates and tries the bundled models on the sample dataset. A stop throws `cancelled`, its run saved. */
  demo(request: DemoRequest, hooks?: TrainHooks): Promise<DemoResult[]>;
}
