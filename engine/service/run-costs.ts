/** What the graphs of a run cost: a training step, and an evaluation's encoder and decoder. */
import type { TrainConfig } from '../contract/train-config.ts';
import { type GraphCost, graphCost } from '../graph/cost.ts';
import { gradient } from '../graph/gradient.ts';
import { type Dropout, maskBytes } from '../graph/ops/dropout.ts';
import type { Tensor } from '../graph/tensor.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { QuantisedBackbone } from '../models/t5/quantised-backbone.ts';
import { encodingGraph, trainingGraph } from '../vision-language/clip-t5.ts';
import { quantisedOutline } from '../weights/quantise.ts';
import type { TypicalLengths } from './estimate-lengths.ts';
import type { MemoryMode } from './memory-modes.ts';
import type { OpenModel } from './open-model.ts';
import { PROMPTS_PER_RUN } from './writer.ts';

export const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** Of a training step, of the encoder for one batch of an evaluation, and of its decoder. */
export interface RunCosts {
  /** One batch. */
  readonly step: (mode: Pick<MemoryMode, 'recompute'>) => GraphCost;
  /** Most bytes of a step's values that are alive at one time. */
  readonly stepPeak: (mode: Pick<MemoryMode, 'recompute' | 'microBatch'>) => number;
  /** Bytes of the values that dropout masks are cut from. */
  readonly masks: number;
  readonly encoding: GraphCost;
  /** Bytes of the decoder's weights, word embedding in. */
  readonly decoder: number;
  readonly embedding: number;
}

/** A training step's outputs, loss first. */
interface StepGraph {
  readonly outputs: readonly Tensor[];
  readonly dropout: Dropout;
  /** Of one batch. */
  readonly cost: GraphCost;
}

export function costsOf(config: TrainConfig, { checkpoint, clipT5 }: OpenModel, { extents }: TypicalLengths): RunCosts {
  const isQuantised = config.precision === 'int8';
  const build = (recomputes: boolean): StepGraph => {
    const options = { dropoutRate: config.dropout, recomputes };
    const backbone = isQuantised
      ? new QuantisedBackbone(quantisedOutline(checkpoint), options)
      : new CheckpointBackbone(checkpoint, options);
    const { loss, parameters } = trainingGraph(backbone, clipT5, config.targetLength);
    const outputs = [loss, ...gradient(loss, parameters.trained)];
    return { outputs, dropout: backbone.dropout, cost: graphCost(outputs, extents) };
  };
  const graphs = new Map<boolean, StepGraph>();
  const graphOf = (recompute: boolean): StepGraph => {
    const graph = graphs.get(recompute) ?? build(recompute);
    graphs.set(recompute, graph);
    return graph;
  };
  const usual = graphOf(config.recompute === true);
  const published = new CheckpointBackbone(checkpoint);
  // an evaluation reads the weights as published, which an int8 step does not
  const { weights } = isQuantised
    ? graphCost([trainingGraph(published, clipT5, config.targetLength).loss], extents)
    : usual.cost;
  const encoded = encodingGraph(published, clipT5);
  const encoding = graphCost([encoded], { batch: PROMPTS_PER_RUN, text: extents.text });
  const { vocabularySize, width } = clipT5.config;
  const embedding = vocabularySize * width * FLOAT;
  return {
    step: ({ recompute }) => graphOf(recompute).cost,
    stepPeak: ({ microBatch, recompute }) => {
      const parts = Math.ceil(extents.batch / (microBatch ?? extents.batch));
      const part = { ...extents, batch: extents.batch / parts, counted: extents.counted / parts };
      return graphCost(graphOf(recompute).outputs, part).peak;
    },
    masks: maskBytes(usual.dropout, extents),
    encoding,
    decoder: weights - encoding.weights + embedding,
    embedding,
  };
}
