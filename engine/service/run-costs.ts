/** What the graphs of a run cost: a training step, and an evaluation's encoder and decoder. */
import type { TrainConfig } from '../contract/train-config.ts';
import { type GraphCost, graphCost } from '../graph/cost.ts';
import { gradient } from '../graph/gradient.ts';
import { maskBytes } from '../graph/ops/dropout.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { QuantisedBackbone } from '../models/t5/quantised-backbone.ts';
import { encodingGraph, trainingGraph } from '../vision-language/clip-t5.ts';
import { quantisedOutline } from '../weights/quantise.ts';
import type { TypicalLengths } from './estimate-lengths.ts';
import type { OpenModel } from './open-model.ts';
import { PROMPTS_PER_RUN } from './writer.ts';

export const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** Of a training step, of the encoder for one batch of an evaluation, and of its decoder. */
export interface RunCosts {
  /** One batch. */
  readonly step: GraphCost;
  /** Most bytes of a step's values that are alive at one time, with this many examples at one time; null: whole batches. */
  readonly stepPeak: (examples: number | null) => number;
  /** Bytes of the values that dropout masks are cut from. */
  readonly masks: number;
  readonly encoding: GraphCost;
  /** Bytes of the decoder's weights, word embedding in. */
  readonly decoder: number;
  readonly embedding: number;
}

export function costsOf(config: TrainConfig, { checkpoint, clipT5 }: OpenModel, { extents }: TypicalLengths): RunCosts {
  const options = { dropoutRate: config.dropout };
  const backbone =
    config.precision === 'int8'
      ? new QuantisedBackbone(quantisedOutline(checkpoint), options)
      : new CheckpointBackbone(checkpoint, options);
  const training = trainingGraph(backbone, clipT5, config.targetLength);
  const outputs = [training.loss, ...gradient(training.loss, training.parameters.trained)];
  const step = graphCost(outputs, extents);
  const published = new CheckpointBackbone(checkpoint);
  // an evaluation reads the weights as published, which an int8 step does not
  const weights =
    config.precision === 'int8'
      ? graphCost([trainingGraph(published, clipT5, config.targetLength).loss], extents).weights
      : step.weights;
  const encoded = encodingGraph(published, clipT5);
  const encoding = graphCost([encoded], { batch: PROMPTS_PER_RUN, text: extents.text });
  const { vocabularySize, width } = clipT5.config;
  const embedding = vocabularySize * width * FLOAT;
  return {
    step,
    stepPeak: (examples) => {
      const parts = Math.ceil(extents.batch / (examples ?? extents.batch));
      const part = { ...extents, batch: extents.batch / parts, counted: extents.counted / parts };
      return graphCost(outputs, part).peak;
    },
    masks: maskBytes(backbone.dropout, extents),
    encoding,
    decoder: weights - encoding.weights + embedding,
    embedding,
  };
}
