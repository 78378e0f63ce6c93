/** A training run from its config to its folder on disk, new or resumed. */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { memoryError } from '../common/memory.ts';
import type { TrainResult } from '../contract/calls.ts';
import type { TrainHooks } from '../contract/jobs.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { isT5Matrix, QuantisedBackbone } from '../models/t5/quantised-backbone.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { createRun, openRun } from '../runs/run-library.ts';
import type { Value } from '../runtime/session.ts';
import type { Batch } from '../training/batches.ts';
import { readCheckpointFiles, type TrainerState } from '../training/checkpoint-files.ts';
import type { Optimiser } from '../training/optimisers/optimiser.ts';
import { createOptimiser } from '../training/optimisers/optimisers.ts';
import { Stopwatch } from '../training/stopwatch.ts';
import { startParameters, type TrainedParameter, TrainStep, withFreshState } from '../training/train-step.ts';
import { type TrainingEnd, type TrainingPlan, train } from '../training/trainer.ts';
import { encoderFeeds, trainedParameters, trainingGraph } from '../vision-language/clip-t5.ts';
import { targetFeeds, tokenWeights } from '../vision-language/target-feeds.ts';
import { quantisedCheckpoint } from '../weights/quantise.ts';
import { chooseDevice } from './devices.ts';
import { typicalLengths } from './estimate-lengths.ts';
import { type ExampleSource, exampleItems, exampleSource } from './examples.ts';
import { writeFirstBatch } from './first-batch.ts';
import { modeText } from './memory-modes.ts';
import { type OpenModel, openModel, sessionOptions, withSharedWeights } from './open-model.ts';
import { costsOf } from './run-costs.ts';
import { checkUnchanged, type Fingerprints, runFingerprints, versions } from './run-identity.ts';
import { bestOf, markBest, RunJournal, trainedSeconds } from './run-journal.ts';
import { checkFits, modeOf, runMemory } from './run-memory.ts';
import { type Reference, referencesOf } from './scoring.ts';
import { openStart, startWords, withStartValues } from './start-values.ts';
import { imagesNamed, openVisualTokens, type VisualTokens } from './visual-features.ts';
import { Writer } from './writer.ts';

/** What a run works with: opened, and checked as far as can be, before its folder is touched. */
interface Material {
  readonly home: string;
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly model: OpenModel;
  readonly optimiser: Optimiser;
  readonly examples: ExampleSource;
  readonly references: readonly Reference[];
  readonly fingerprints: Fingerprints;
}

/** Where training starts, or goes on. */
interface Start {
  readonly parameters: readonly TrainedParameter[];
  readonly state: TrainerState;
}

/**
 * The settings, with the mode in which the run fits into memory where it does not fit as fast as it could be. Throws
 * 'unsupported' where there is none.
 */
function fitted(config: TrainConfig, model: OpenModel, examples: ExampleSource): TrainConfig {
  const lengths = typicalLengths(examples, model.tokenizer, config);
  const costs = costsOf(config, model, lengths);
  const mode = modeOf(config, model, costs, lengths);
  checkFits(runMemory(config, model, costs, lengths, mode));
  const { sharedWeights, microBatch, recompute } = mode;
  return { ...config, microBatch, ...(sharedWeights && { sharedWeights }), ...(recompute && { recompute }) };
}

function openMaterial(home: string, asked: TrainConfig, dataset: Dataset): Material {
  const { trainSplit, validationSplit, trainLimit } = asked.dataset;
  const opened = openModel(home, asked);
  const examples = exampleSource(dataset, trainSplit, opened.tokenizer, asked, trainLimit);
  const config = fitted(asked, opened, examples);
  const model = withSharedWeights(home, config, opened);
  return {
    home,
    config,
    dataset,
    model,
    optimiser: createOptimiser(config.optimiser),
    examples,
    references: referencesOf(dataset, validationSplit, config.task, config.evaluation.limit),
    fingerprints: runFingerprints(config, dataset.info, model),
  };
}

/** The start of a run that has no checkpoint. */
interface FirstStart extends Start {
  /** Of the values that it takes from elsewhere. */
  readonly fingerprints: Fingerprints;
  /** For the run's log. */
  readonly words: string | undefined;
}

function firstStart({ home, config, model, optimiser }: Material): FirstStart {
  const fresh = startParameters(trainedParameters(model.clipT5), config.seed);
  const from = openStart(home, config, model);
  const values = from === undefined ? fresh : withStartValues(fresh, from);
  return {
    parameters: withFreshState(values, optimiser),
    state: { step: 0, evaluated: 0, best: null, stale: 0 },
    fingerprints: from === undefined ? {} : { 'starting point': from.fingerprint },
    words: from && startWords(values, from),
  };
}

function planOf(config: TrainConfig, { lengths }: ExampleSource): TrainingPlan {
  const { seed, batchSize, steps, accumulation, learningRates, schedule, evaluation, checkpoint } = config;
  return {
    seed,
    batchSize,
    lengths,
    steps,
    accumulation,
    rates: learningRates,
    schedule,
    evaluateEvery: evaluation.every,
    patience: evaluation.patience,
    checkpointEvery: checkpoint.every,
  };
}

/** The frozen T5 as a step computes with it. */
function backboneOf({ home, config, model: { checkpoint } }: Material): CheckpointBackbone {
  const options = { dropoutRate: config.dropout, recomputes: config.recompute === true };
  if (config.precision === 'float32') return new CheckpointBackbone(checkpoint, options);
  return new QuantisedBackbone(quantisedCheckpoint(checkpoint, isT5Matrix, join(home, 'quantised')), options);
}

/** The step's graph over the frozen T5, with the parameters to train. */
function createStep(material: Material, parameters: readonly TrainedParameter[]): Promise<TrainStep> {
  const { config, model, optimiser } = material;
  const backbone = backboneOf(material);
  const graph = trainingGraph(backbone, model.clipT5, config.targetLength);
  const { seed, clipNorm, microBatch } = config;
  const options = { seed, optimiser, clipNorm, microBatch, ...sessionOptions(config) };
  return TrainStep.create({ ...graph, dropout: backbone.dropout }, parameters, options);
}

/** The batches of a step as feeds. */
function feedsOf({ config, model, examples }: Material, { read }: VisualTokens) {
  const { clipT5 } = model;
  const size = clipT5.visual.tokens * clipT5.visual.width;
  return (batches: readonly Batch[]): Record<string, Value>[] => {
    const step = batches.map((batch) => batch.examples.map((i) => examples.at(i, batch.epoch)));
    const targets = step.flat().map(({ target }) => target);
    const weightOf = tokenWeights(config.task, targets);
    return step.map((batch) => {
      const tokens = new Float32Array(batch.length * size);
      batch.forEach(({ imageId }, i) => {
        read(imageId, tokens, i * size);
      });
      const texts = batch.map(({ text }) => text);
      const own = batch.map(({ target }) => target);
      return { ...encoderFeeds(clipT5, texts, tokens), ...targetFeeds(clipT5.config, own, weightOf) };
    });
  };
}

/** Undefined where the work was stopped on request. */
async function unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DeptError && error.code === 'cancelled') return undefined;
    throw error;
  }
}

async function trainOn(
  material: Material,
  run: RunFolder,
  { parameters, state }: Start,
  hooks: TrainHooks,
): Promise<{ readonly end: TrainingEnd; readonly state: TrainerState }> {
  const { home, config, dataset, model, examples, references } = material;
  const { trainSplit, trainLimit } = config.dataset;
  const images = imagesNamed(dataset, exampleItems(dataset, trainSplit, config.task, trainLimit), references);
  using tokens = await unlessStopped(openVisualTokens(home, dataset, images, model.vision, hooks));
  if (tokens === undefined) return { end: 'stopped', state };
  await using step = await createStep(material, parameters);
  await using writer = await Writer.create(model, config);
  const plan = planOf(config, examples);
  if (state.step === 0) writeFirstBatch(run, plan, examples, model, config);
  const watch = new Stopwatch(trainedSeconds(run));
  const journal = new RunJournal(run, config, model, watch, hooks);
  const unpaused = hooks.unpaused && (() => watch.without(hooks.unpaused!()));
  return await train(plan, step, state, {
    batchFeeds: feedsOf(material, tokens),
    evaluate: async (trained, at) => {
      const predictions = await unlessStopped(writer.write(trained, references, tokens.read, { ...hooks, unpaused }));
      return predictions === undefined ? null : journal.evaluation(at, references, predictions);
    },
    save: (trained, saved, isBest) => journal.checkpoint(trained, saved, isBest),
    report: (report) => journal.step(report),
    stopRequested: () => hooks.signal?.aborted ?? false,
    unpaused,
  });
}

/** Trains under the run's own status: running, then finished, stopped or failed, with the reason in its log. */
async function carryOut(material: Material, run: RunFolder, start: Start, hooks: TrainHooks): Promise<TrainResult> {
  const begun = performance.now();
  const { id, folder } = run;
  const { steps } = material.config;
  run.start();
  run.appendLog('info', `Training from step ${start.state.step}`);
  hooks.event?.({ type: 'start', run: id, folder, step: start.state.step, steps });
  try {
    const { end, state } = await trainOn(material, run, start, hooks);
    run.finish(end === 'stopped' ? 'stopped' : 'finished');
    run.appendLog('info', `${end} at step ${state.step}`);
    const seconds = (performance.now() - begun) / 1000;
    const { counts: parameters } = material.model;
    return { run: id, folder, status: end, step: state.step, seconds, parameters, best: bestOf(run) };
  } catch (cause) {
    const error = memoryError(writeError(cause, folder));
    const record =
      error instanceof DeptError ? error.toRecord() : ({ code: 'runtime-failed', message: String(error) } as const);
    // Where the disk is full, nor can this be written: then the run counts as interrupted, and who asked for it is told why
    unlessFull(() => run.fail(record));
    unlessFull(() => run.appendLog('error', inspect(error)));
    throw error;
  }
}

function unlessFull(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof DeptError && (error.code === 'no-space' || error.code === 'no-access'))) throw error;
  }
}

/**
 * @throws DeptError before there is a run: `not-found` or `bad-input` where data and models do not fit the config,
 *   `unsupported` where the chosen device cannot be used, `cancelled` on an abort during its trial.
 */
export async function startRun(home: string, asked: TrainConfig, hooks: TrainHooks): Promise<TrainResult> {
  using dataset = openDataset(home, asked.dataset.name);
  const material = openMaterial(home, { ...asked, device: await chooseDevice(asked.device, hooks) }, dataset);
  const start = firstStart(material);
  const { config, model } = material;
  const fingerprints = { ...material.fingerprints, ...start.fingerprints };
  const label = `${config.task}-${config.method.name}`;
  using run = createRun(home, { label, config, fingerprints, versions: versions(), parameters: model.counts });
  if (start.words !== undefined) run.appendLog('info', start.words);
  run.appendLog('info', `Computes on ${config.device}${asked.device === 'auto' ? ', chosen by trial' : ''}`);
  const [sharedWeights, recompute] = [config.sharedWeights === true, config.recompute === true];
  const mode = modeText({ ...config, sharedWeights, recompute });
  if (mode !== '') run.appendLog('info', `Saves memory: ${mode}`);
  return await carryOut(material, run, start, hooks);
}

/**
 * The newest checkpoint that can be read, from which training comes to the same bits as from any other; undefined where none was
 * saved. Throws `bad-file` or `not-found` where none can be read.
 */
function savedStart(
  run: RunFolder,
  { model, optimiser }: Material,
): { readonly start: Start | undefined; readonly damaged: readonly DeptError[] } {
  const specs = trainedParameters(model.clipT5);
  const damaged: DeptError[] = [];
  for (const step of run.checkpoints.resumable()) {
    try {
      return { start: readCheckpointFiles(run.checkpoints.folder(step), specs, optimiser), damaged };
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      damaged.push(error);
    }
  }
  if (damaged.length === 0) return { start: undefined, damaged };
  const { code, message, details } = damaged[0]!;
  throw new DeptError(code, `No checkpoint of the run can be read. ${message}`, {
    ...details,
    remedy: `Bring the file back from a copy, or remove the folder 'checkpoints' of the run, to train it from the start.`,
  });
}

/**
 * @throws DeptError 'bad-input' where the data or a model is not what the run was trained on, 'unsupported' where its device
 *   cannot be used.
 */
export async function resumeRun(home: string, id: string, hooks: TrainHooks): Promise<TrainResult> {
  using run = openRun(home, id);
  const config = parseTrainConfig(run.record().config);
  await chooseDevice(config.device, hooks);
  using dataset = openDataset(home, config.dataset.name);
  const material = openMaterial(home, config, dataset);
  checkUnchanged(run, material.fingerprints);
  const { start, damaged } = savedStart(run, material);
  run.prepareResume(start?.state.step ?? 0);
  for (const { message } of damaged)
    run.appendLog('warning', `A checkpoint is damaged, an earlier one is used: ${message}`);
  if (start === undefined) {
    const first = firstStart(material);
    checkUnchanged(run, first.fingerprints);
    return await carryOut(material, run, first, hooks);
  }
  markBest(run, config, start.state);
  return await carryOut(material, run, start, hooks);
}
