/**
 * What a run will cost, before it starts: time per step and memory, from the graph that would be trained, a sample of the
 * data, and the machine's speed as measured now.
 */
import { totalmem } from 'node:os';
import { deptCount } from '../contract/budget.ts';
import type { Estimate } from '../contract/estimate.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import { openFeatureCache } from '../data/feature-cache.ts';
import { type GraphCost, graphCost } from '../graph/cost.ts';
import { gradient } from '../graph/gradient.ts';
import { maskBytes } from '../graph/ops/dropout.ts';
import { elementsOf, isTrained } from '../graph/parameter.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { QuantisedBackbone } from '../models/t5/quantised-backbone.ts';
import { createOptimiser } from '../training/optimisers/optimisers.ts';
import { encodingGraph, trainedParameters, trainingGraph } from '../vision-language/clip-t5.ts';
import { quantisedOutline } from '../weights/quantise.ts';
import { type TypicalLengths, typicalLengths } from './estimate-lengths.ts';
import { exampleItems, exampleSource } from './examples.ts';
import { type MachineSpeed, machineSpeed } from './machine-speed.ts';
import { type OpenModel, openModel } from './open-model.ts';
import { openStart } from './start-values.ts';
import { PROMPTS_PER_RUN } from './writer.ts';

/** Node with the program, its data and ONNX Runtime, before a model is loaded: measured on Linux. */
export const PROGRAM = 300e6;

/**
 * ONNX Runtime holds this much for each byte that is alive: its arena grows in doubling steps and is never given back.
 * Measured as 1.26 on a step of T5-base with a batch of 16, as 1.4 with 4 examples at a time.
 */
export const ARENA = 1.35;

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** Of a training step, of the encoder for one batch of an evaluation, and of its decoder. */
interface Costs {
  /** One batch; its peak is that of the examples that are computed at one time. */
  readonly step: GraphCost;
  /** Bytes of the values that dropout masks are cut from. */
  readonly masks: number;
  readonly encoding: GraphCost;
  /** Bytes of the decoder's weights, word embedding in. */
  readonly decoder: number;
  readonly embedding: number;
}

function costsOf(config: TrainConfig, { checkpoint, clipT5 }: OpenModel, { extents }: TypicalLengths): Costs {
  const options = { dropoutRate: config.dropout };
  const backbone =
    config.precision === 'int8'
      ? new QuantisedBackbone(quantisedOutline(checkpoint), options)
      : new CheckpointBackbone(checkpoint, options);
  const training = trainingGraph(backbone, clipT5, config.targetLength);
  const outputs = [training.loss, ...gradient(training.loss, training.parameters.trained)];
  const parts = Math.ceil(extents.batch / (config.microBatch ?? extents.batch));
  const part = { ...extents, batch: extents.batch / parts, counted: extents.counted / parts };
  const step = { ...graphCost(outputs, extents), peak: graphCost(outputs, part).peak };
  const encoded = encodingGraph(new CheckpointBackbone(checkpoint), clipT5);
  const encoding = graphCost([encoded], { batch: PROMPTS_PER_RUN, text: extents.text });
  const { vocabularySize, width } = clipT5.config;
  const embedding = vocabularySize * width * FLOAT;
  return {
    step,
    masks: maskBytes(backbone.dropout, extents),
    encoding,
    decoder: step.weights - encoding.weights + embedding,
    embedding,
  };
}

function trainingSeconds({ flops, quantisedFlops, moved }: GraphCost, speed: MachineSpeed): number {
  return (flops - quantisedFlops) / speed.flops + quantisedFlops / speed.quantisedFlops + moved / speed.bytes;
}

/** Examples of the validation split that an evaluation takes. */
function evaluatedExamples({ task, dataset: { validationSplit }, evaluation }: TrainConfig, dataset: Dataset): number {
  const all = task === 'vqa' ? dataset.questionCount(validationSplit) : dataset.imageCount(validationSplit);
  return Math.min(all, evaluation.limit ?? all);
}

/** One evaluation: each batch through the encoder, then step by step through the decoder, as long as targets are. */
function evaluationSeconds(
  config: TrainConfig,
  { encoding, decoder }: Costs,
  { extents }: TypicalLengths,
  examples: number,
  speed: MachineSpeed,
): number {
  const { beams, maxLength } = config.evaluation;
  const steps = Math.min(extents.target, maxLength - 1);
  const rows = PROMPTS_PER_RUN * beams;
  const step = (2 * (decoder / FLOAT) * rows) / speed.flops + decoder / speed.bytes;
  return (examples / PROMPTS_PER_RUN) * (trainingSeconds(encoding, speed) + steps * step);
}

/** Bytes of the frozen T5 in the sessions of training and evaluation. */
function frozenWeights({ sharedWeights }: TrainConfig, { checkpoint }: OpenModel, costs: Costs): number {
  const { step, encoding, decoder, embedding } = costs;
  // the head reads the embedding as a matrix, the decoder's input row by row: two copies
  if (!sharedWeights) return step.packedWeights + encoding.packedWeights + decoder + embedding;
  // what is not float32 in its file is made so by each session
  const mapped =
    checkpoint.names().every((name) => checkpoint.tensor(name).dtype === 'F32') && step.quantisedFlops === 0;
  return mapped ? step.weights : step.weights + encoding.weights + decoder;
}

/** Bytes, as the training process will come to hold them once it has evaluated. */
function memoryOf(
  config: TrainConfig,
  model: OpenModel,
  costs: Costs,
  { extents }: TypicalLengths,
): Estimate['memory'] {
  const { clipT5, counts } = model;
  const { step, masks, encoding } = costs;
  const optimiser = createOptimiser(config.optimiser);
  const trained = trainedParameters(clipT5).filter(isTrained);
  const states = trained.flatMap(({ shape }) => Object.values(optimiser.freshState(shape)));
  const source = clipT5.method.promptLength + extents.text + clipT5.visual.tokens;
  const { decoderLayers, heads, headWidth, vocabularySize } = clipT5.config;
  const crossKeysValues = PROMPTS_PER_RUN * source * heads * headWidth * 2 * decoderLayers * FLOAT;
  const scores = PROMPTS_PER_RUN * config.evaluation.beams * vocabularySize * FLOAT;
  const memory = {
    weights: frozenWeights(config, model, costs) + counts.trained * FLOAT,
    activations: ARENA * (step.peak + encoding.peak + crossKeysValues + scores) + masks,
    optimiser: states.reduce((sum, { shape }) => sum + elementsOf(shape) * FLOAT, 0) + 2 * counts.trained * FLOAT,
    program: PROGRAM,
  };
  return { ...memory, total: Object.values(memory).reduce((sum, part) => sum + part, 0) };
}

/** Of the machine, or what a container leaves of it. */
function memoryHere(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

function budgetOf({ method, maxTextLength }: TrainConfig, width: number): Estimate['budget'] {
  const { promptLength } = method;
  const shape = { width, textLength: maxTextLength };
  const used = method.name === 'dept' ? deptCount(shape, promptLength, method.rank) : promptLength * width;
  return { ...shape, used, full: 100 * width, equivalentLength: used / width };
}

/** Pictures that the run needs and the feature cache does not hold; pictures that changed are not found out here. */
function missingFeatures(
  home: string,
  { task, dataset: { trainSplit, trainLimit, validationSplit }, evaluation }: TrainConfig,
  dataset: Dataset,
  { vision }: OpenModel,
): number {
  const { fingerprint, tokens, width } = vision;
  const cache = openFeatureCache(home, fingerprint, dataset.info.name, { tokens, width });
  const needed = (split: string, limit: number | null): number =>
    limit === null
      ? dataset.imageCount(split)
      : new Set(exampleItems(dataset, split, task, limit).map(({ imageId }) => imageId)).size;
  try {
    return Math.max(0, needed(trainSplit, trainLimit) + needed(validationSplit, evaluation.limit) - cache.size);
  } finally {
    cache.close();
  }
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
const percent = (share: number): string => `${Math.max(1, Math.round(share * 100))} %`;

function* warningsOf(
  config: TrainConfig,
  estimate: Omit<Estimate, 'warnings'>,
  { textsCut, targetsCut }: TypicalLengths,
): Generator<Estimate['warnings'][number]> {
  const { memory, machineMemory, examples, totalSeconds, evaluationSeconds: evaluating, evaluations } = estimate;
  if (memory.total > 0.9 * machineMemory) {
    yield {
      message: `The run needs about ${gigabytes(memory.total)} of memory, and this machine has ${gigabytes(machineMemory)}`,
      remedy: 'Lower microBatch: the result is the same',
    };
  }
  if (examples < config.batchSize) {
    yield {
      message: `A batch has ${config.batchSize} examples, and the split only ${examples}`,
      remedy: 'Lower batchSize, or train on more data',
    };
  }
  if (config.dataset.trainSplit === config.dataset.validationSplit) {
    yield {
      message: `It is tested on the examples it learns from: both splits are ${config.dataset.trainSplit}`,
      remedy: 'The scores will be better than on anything new; import examples of their own as dataset.validationSplit',
    };
  }
  if (textsCut > 0) {
    yield {
      message: `${percent(textsCut)} of the texts are longer than ${config.maxTextLength} tokens and are cut`,
      remedy: 'Raise maxTextLength',
    };
  }
  if (targetsCut > 0) {
    yield {
      message: `${percent(targetsCut)} of the targets are longer than ${config.targetLength} tokens and are cut`,
      remedy: 'Raise targetLength',
    };
  }
  if (evaluating > totalSeconds / 2) {
    yield {
      message: 'Evaluations take longer than training',
      remedy: 'Raise evaluation.every, or set evaluation.limit',
    };
  }
  if (evaluations === 1 && config.steps > 1) {
    yield {
      message: 'The only evaluation is at the end',
      remedy: 'Lower evaluation.every, so that the best checkpoint can be chosen',
    };
  }
}

/**
 * `test/bench/estimate.ts` puts it beside real runs. On the bundled T5 and on shapes of T5-small and T5-base, memory came out
 * at 0.9 to 1.15 of the measured. Time is that of a machine with nothing else to do: there it came out at 0.78 to 0.98 for the bundled T5
 * and T5-small (docs/app-performance.md); two cores that other work shared took 1.3 to 3.1 times as long.
 * @throws DeptError as `parseTrainConfig`, `openDataset`, `openModel` and `openStart`, `bad-input` for a split without examples.
 */
export async function estimateRun(home: string, input: unknown): Promise<Estimate> {
  const config = parseTrainConfig(input);
  using dataset = openDataset(home, config.dataset.name);
  const model = openModel(home, config);
  openStart(home, config, model);
  const { trainSplit, trainLimit } = config.dataset;
  // whatever its answer vocabulary, answers are as long
  const source = exampleSource(dataset, trainSplit, model.tokenizer, { ...config, answerMinimum: 1 }, trainLimit);
  const lengths = typicalLengths(source, model.tokenizer, config);
  const costs = costsOf(config, model, lengths);
  const { width, feedForwardWidth } = model.clipT5.config;
  const speed = await machineSpeed(width, feedForwardWidth, config.threads ?? undefined);

  const { steps, accumulation, batchSize, evaluation } = config;
  const secondsPerStep = accumulation * trainingSeconds(costs.step, speed);
  const evaluations = Math.ceil(steps / evaluation.every);
  const perEvaluation = evaluationSeconds(config, costs, lengths, evaluatedExamples(config, dataset), speed);
  const estimate = {
    secondsPerStep,
    stepsPerSecond: 1 / secondsPerStep,
    totalSeconds: steps * secondsPerStep + evaluations * perEvaluation,
    evaluationSeconds: evaluations * perEvaluation,
    memory: memoryOf(config, model, costs, lengths),
    machineMemory: memoryHere(),
    parameters: model.counts,
    budget: budgetOf(config, width),
    flopsPerStep: accumulation * costs.step.flops,
    gflops: speed.flops / 1e9,
    examples: source.count,
    epochs: (steps * accumulation) / Math.ceil(source.count / batchSize),
    evaluations,
    missingFeatures: missingFeatures(home, config, dataset, model),
    lengths: { text: lengths.text, target: lengths.target },
  };
  return { ...estimate, warnings: [...warningsOf(config, estimate, lengths)] };
}
