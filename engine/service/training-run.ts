/** A training run from its config to its folder on disk, new or resumed. */
import { readFileSync } from 'node:fs';
import { DeptError } from '../common/errors.ts';
import type { TrainResult } from '../contract/calls.ts';
import type { Metrics, TrainHooks } from '../contract/jobs.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import type { FeatureCache } from '../data/feature-cache.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { createRun, openRun } from '../runs/run-library.ts';
import type { Value } from '../runtime/session.ts';
import { readCheckpointFiles, type TrainerState, writeCheckpointFiles } from '../training/checkpoint-files.ts';
import { startParameters, type TrainedParameter, TrainStep } from '../training/train-step.ts';
import { type TrainingHooks, train } from '../training/trainer.ts';
import { encoderFeeds, trainedParameters, trainingGraph } from '../vision-language/clip-t5.ts';
import { targetFeeds, tokenWeights } from '../vision-language/target-feeds.ts';
import { adapterConfig } from './adapter-config.ts';
import { type Reference, referencesOf, score, Writer } from './evaluation.ts';
import { type ExampleSource, exampleSource } from './examples.ts';
import { type OpenModel, openModel } from './open-model.ts';
import { fillFeatureCache } from './visual-features.ts';

/** Validation items whose predictions are kept at every evaluation. */
const SAMPLES = 8;

const FRESH: TrainerState = { step: 0, best: null, stale: 0 };

/** What the numbers of a run depend on beside its config. */
function fingerprintsOf(dataset: Dataset, { vision, checkpoint }: OpenModel): Record<string, string> {
  return {
    dataset: dataset.info.fingerprint,
    vision: vision.fingerprint,
    language: checkpoint.fingerprint().slice(0, 16),
  };
}

function versions(): Record<string, string> {
  const file = new URL('../../package.json', import.meta.url);
  const { version, dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  return {
    'dept-studio': version,
    node: process.versions.node,
    'onnxruntime-node': dependencies['onnxruntime-node'] ?? 'unknown',
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Examples of a step as feeds, one entry per accumulated batch. */
function stepFeeds(model: OpenModel, config: TrainConfig, source: ExampleSource, cache: FeatureCache) {
  const { clipT5 } = model;
  const size = clipT5.visual.tokens * clipT5.visual.width;
  return (batches: readonly (readonly number[])[], epoch: number): Record<string, Value>[] => {
    const examples = batches.map((batch) => batch.map((i) => source.at(i, epoch)));
    const weightOf = tokenWeights(
      config.task,
      examples.flat().map(({ target }) => target),
    );
    return examples.map((batch) => {
      const tokens = new Float32Array(batch.length * size);
      batch.forEach(({ imageId }, i) => {
        cache.read(imageId, tokens, i * size);
      });
      const encoder = encoderFeeds(
        clipT5,
        batch.map(({ text }) => text),
        tokens,
      );
      const targets = batch.map(({ target }) => target);
      return { ...encoder, ...targetFeeds(clipT5.config, targets, weightOf) };
    });
  };
}

interface Stage {
  readonly home: string;
  readonly config: TrainConfig;
  readonly run: RunFolder;
  readonly model: OpenModel;
  readonly dataset: Dataset;
  readonly hooks: TrainHooks;
}

/** The step's graph over the frozen T5, with the parameters to go on from. */
function createStep({ config, model }: Stage, parameters: readonly TrainedParameter[]): Promise<TrainStep> {
  const backbone = new CheckpointBackbone(model.checkpoint, { dropoutRate: config.dropout });
  const graph = trainingGraph(backbone, model.clipT5);
  return TrainStep.create({ ...graph, dropout: backbone.dropout }, parameters, {
    seed: config.seed,
    optimiser: config.optimiser,
    clipNorm: config.clipNorm,
    ...(config.threads === null ? {} : { threads: config.threads }),
  });
}

/** Predicts the validation split, logs metrics and samples, and gives back the number that chooses the best. */
function evaluator(stage: Stage, writer: Writer, references: readonly Reference[], cache: FeatureCache) {
  const { config, run, hooks } = stage;
  let best = run.checkpoints.best()?.metric?.value ?? Number.NEGATIVE_INFINITY;
  const last: { metrics: Metrics | undefined } = { metrics: undefined };
  const evaluate = async (parameters: readonly TrainedParameter[], step: number): Promise<number> => {
    const read = cache.read.bind(cache);
    const predictions = await writer.write(parameters, references, read, config.evaluation, {
      ...(hooks.progress === undefined ? {} : { progress: hooks.progress }),
    });
    const { metrics } = score(config.task, references, predictions);
    run.appendMetrics({ step, metrics });
    references.slice(0, SAMPLES).forEach(({ id, imageId, question, references: wanted }, i) => {
      run.appendSample({
        step,
        id,
        imageId,
        ...(question === undefined ? {} : { question }),
        prediction: predictions[i],
        references: wanted,
      });
    });
    const value = metrics[config.evaluation.metric] as number;
    hooks.event?.({ type: 'evaluation', step, metrics, best: value > best });
    best = Math.max(best, value);
    last.metrics = metrics;
    return value;
  };
  return { evaluate, last };
}

async function runTraining(stage: Stage, parameters: TrainedParameter[], state: TrainerState): Promise<TrainResult> {
  const { home, config, run, model, dataset, hooks } = stage;
  const { trainSplit, validationSplit, trainLimit } = config.dataset;
  const begun = performance.now();
  const source = exampleSource(dataset, trainSplit, model.tokenizer, config, trainLimit);
  const references = referencesOf(dataset, validationSplit, config.task, config.evaluation.limit);
  const splits = [...new Set([trainSplit, validationSplit])];
  const { cache } = await fillFeatureCache(home, dataset, splits, model.vision, hooks);
  const step = await createStep(stage, parameters);
  const writer = await Writer.create(model, config.maxTextLength, config.threads);
  const { evaluate, last } = evaluator(stage, writer, references, cache);
  let best = bestMetrics(run);
  const save: TrainingHooks['save'] = (trained, saved, isBest) => {
    const metric =
      isBest && saved.best !== null ? { name: config.evaluation.metric, value: saved.best.value } : undefined;
    const adapter = adapterConfig(config, model);
    run.checkpoints.write(saved.step, (folder) => writeCheckpointFiles(folder, trained, saved, adapter), metric);
    if (isBest) {
      run.checkpoints.markBest(saved.step, metric);
      best = { step: saved.step, metrics: last.metrics! };
    }
    run.checkpoints.prune(run.checkpoints.steps().slice(-config.checkpoint.keep));
    hooks.event?.({ type: 'checkpoint', step: saved.step, folder: run.checkpoints.folder(saved.step) });
  };
  try {
    const { end, state: final } = await train(
      {
        seed: config.seed,
        batchSize: config.batchSize,
        lengths: source.lengths,
        steps: config.steps,
        accumulation: config.accumulation,
        rates: config.learningRates,
        schedule: config.schedule,
        evaluateEvery: config.evaluation.every,
        patience: config.evaluation.patience,
        checkpointEvery: config.checkpoint.every,
      },
      step,
      state,
      {
        batchFeeds: stepFeeds(model, config, source, cache),
        evaluate,
        save,
        report: (report) => {
          run.appendMetrics({ ...report });
          hooks.event?.({ type: 'step', step: report.step, steps: config.steps, loss: report.loss });
        },
        stopRequested: () => hooks.signal?.aborted ?? false,
      },
    );
    run.finish(end === 'stopped' ? 'stopped' : 'finished');
    return {
      run: run.id,
      folder: run.folder,
      status: end,
      step: final.step,
      seconds: (performance.now() - begun) / 1000,
      parameters: model.counts,
      ...(best === undefined ? {} : { best }),
    };
  } finally {
    await step.release();
    await writer.release();
    cache.close();
  }
}

/** The best checkpoint so far with the metrics that it was given. */
function bestMetrics(run: RunFolder): TrainResult['best'] {
  const mark = run.checkpoints.best();
  if (mark === undefined) return undefined;
  const lines = run.read('metrics').values as readonly { step: number; metrics?: Metrics }[];
  const metrics = lines.find((line) => line.step === mark.step && line.metrics !== undefined)?.metrics;
  return metrics === undefined ? undefined : { step: mark.step, metrics };
}

/** Runs the stage under the run's own status: started, then finished, stopped or failed, whatever happens. */
async function guarded(run: RunFolder, work: () => Promise<TrainResult>): Promise<TrainResult> {
  run.start();
  try {
    return await work();
  } catch (error) {
    const known =
      error instanceof DeptError
        ? error
        : new DeptError('runtime-failed', 'Training failed', { got: String(error), cause: error });
    if (known.code === 'cancelled') run.finish('stopped');
    else run.fail(known.toRecord());
    throw known;
  }
}

export async function startRun(home: string, config: TrainConfig, hooks: TrainHooks): Promise<TrainResult> {
  using dataset = openDataset(home, config.dataset.name);
  const model = openModel(home, config);
  const run = createRun(home, {
    label: `${config.task}-${config.method.name}`,
    config,
    fingerprints: fingerprintsOf(dataset, model),
    versions: versions(),
  });
  const parameters = startParameters(trainedParameters(model.clipT5), config.seed);
  return await guarded(run, () => runTraining({ home, config, run, model, dataset, hooks }, parameters, FRESH));
}

/** @throws DeptError 'bad-input' where the data or a model is not what the run was trained on. */
export async function resumeRun(home: string, id: string, hooks: TrainHooks): Promise<TrainResult> {
  const run = openRun(home, id);
  const record = run.record();
  const config = parseTrainConfig(record.config);
  using dataset = openDataset(home, config.dataset.name);
  const model = openModel(home, config);
  const now = fingerprintsOf(dataset, model);
  for (const [what, was] of Object.entries(record.fingerprints)) {
    if (now[what] === was) continue;
    throw new DeptError('bad-input', `The run cannot go on: its ${what} has changed`, {
      expected: was,
      got: now[what] ?? 'nothing',
      path: run.folder,
      remedy: 'Bring back what the run was trained on, or start a new run.',
    });
  }
  const step = run.prepareResume();
  const specs = trainedParameters(model.clipT5);
  const { parameters, state } =
    step === 0 && run.checkpoints.last() === undefined
      ? { parameters: startParameters(specs, config.seed), state: FRESH }
      : readCheckpointFiles(run.checkpoints.folder(step), specs);
  return await guarded(run, () => runTraining({ home, config, run, model, dataset, hooks }, parameters, state));
}
