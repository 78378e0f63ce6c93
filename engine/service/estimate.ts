/**
 * What a run will cost, before it starts: time per step and memory, from the graph that would be trained, a sample of the
 * data, and the machine's speed as measured now.
 */
import { deptCount } from '../contract/budget.ts';
import type { Estimate } from '../contract/estimate.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import { openFeatureCache } from '../data/feature-cache.ts';
import type { GraphCost } from '../graph/cost.ts';
import { type TypicalLengths, typicalLengths } from './estimate-lengths.ts';
import { exampleItems, exampleSource } from './examples.ts';
import { type MachineSpeed, machineSpeed } from './machine-speed.ts';
import { gigabytes } from './memory-modes.ts';
import { type OpenModel, openModel } from './open-model.ts';
import { costsOf, FLOAT, type RunCosts } from './run-costs.ts';
import { memoryHere, modeOf, roomHere, runMemory } from './run-memory.ts';
import { openStart } from './start-values.ts';
import { PROMPTS_PER_RUN } from './writer.ts';

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
  { encoding, decoder }: RunCosts,
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

const percent = (share: number): string => `${Math.max(1, Math.round(share * 100))} %`;

function* warningsOf(
  config: TrainConfig,
  estimate: Omit<Estimate, 'warnings'>,
  { textsCut, targetsCut }: TypicalLengths,
): Generator<Estimate['warnings'][number]> {
  const { memory, machineMemory, examples, totalSeconds, evaluationSeconds: evaluating, evaluations } = estimate;
  if (memory.total > roomHere()) {
    yield {
      message: `The run needs about ${gigabytes(memory.total)} of memory, and this machine has ${gigabytes(machineMemory)}`,
      remedy: 'Leave sharedWeights and recompute at auto and microBatch at null, or choose a smaller language model',
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
 * `test/bench/estimate.ts` puts it beside real runs: memory came out at 0.88 to 1.02 of the measured. Time is that of a machine with
 * nothing else to do: there it came out at 0.79 to 1.11, and once at 1.60 (docs/app-performance.md); two cores that other work
 * shared took 1.3 to 3.1 times as long.
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
  const mode = modeOf(config, model, costs, lengths);
  const speed = await machineSpeed(width, feedForwardWidth, config.threads ?? undefined);

  const step = costs.step(mode);
  const { steps, accumulation, batchSize, evaluation } = config;
  const secondsPerStep = accumulation * trainingSeconds(step, speed);
  const evaluations = Math.ceil(steps / evaluation.every);
  const perEvaluation = evaluationSeconds(config, costs, lengths, evaluatedExamples(config, dataset), speed);
  const estimate = {
    secondsPerStep,
    stepsPerSecond: 1 / secondsPerStep,
    totalSeconds: steps * secondsPerStep + evaluations * perEvaluation,
    evaluationSeconds: evaluations * perEvaluation,
    memory: runMemory(config, model, costs, lengths, mode),
    mode,
    machineMemory: memoryHere(),
    parameters: model.counts,
    budget: budgetOf(config, width),
    flopsPerStep: accumulation * step.flops,
    gflops: speed.flops / 1e9,
    examples: source.count,
    epochs: (steps * accumulation) / Math.ceil(source.count / batchSize),
    evaluations,
    missingFeatures: missingFeatures(home, config, dataset, model),
    lengths: { text: lengths.text, target: lengths.target },
  };
  return { ...estimate, warnings: [...warningsOf(config, estimate, lengths)] };
}
