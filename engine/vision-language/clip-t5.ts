/** CLIP-T5: the encoder's input [soft prompt ; text ; visual tokens], and the graphs that train and apply it. */
import { addDims, type Dim, named } from '../graph/dim.ts';
import { concat } from '../graph/ops/structure.ts';
import { type ParameterSpec, Parameters } from '../graph/parameter.ts';
import { input } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Backbone } from '../models/backbone.ts';
import type { T5Config } from '../models/t5/config.ts';
import { encode, wordEmbeddings } from '../models/t5/encoder.ts';
import { encoderBuckets } from '../models/t5/positions.ts';
import { sequenceLoss } from '../models/t5/sequence-loss.ts';
import type { TensorData, Value } from '../runtime/session.ts';
import type { VisualProjection } from './projection.ts';

/** The front of the encoder's input, as a tuning method makes it. */
export interface InputFront {
  readonly parameters: readonly ParameterSpec[];
  /** Virtual tokens m before the text. */
  readonly promptLength: number;
  /** Word embeddings [batch, text, width] -> prompt and text [batch, m + text, width]. */
  front(embeddings: Tensor, parameters: Parameters): Tensor;
  /** The backbone with the method's own changes inside it; absent for methods that only touch the input. */
  adapt?(backbone: Backbone, parameters: Parameters): Backbone;
}

export interface ClipT5 {
  readonly config: T5Config;
  readonly method: InputFront;
  readonly projection: VisualProjection;
  /** Visual tokens of a picture, and their width. */
  readonly visual: { readonly tokens: number; readonly width: number };
}

/** What a checkpoint holds: what is trained, and what is drawn for the run and stays. */
export function trainedParameters({ method, projection }: ClipT5): ParameterSpec[] {
  return [...method.parameters, ...projection.parameters];
}

const batch = named('batch');
const text = named('text');

interface Encoded {
  readonly states: Tensor;
  readonly mask: Tensor;
  readonly parameters: Parameters;
  readonly backbone: Backbone;
}

/** What the encoder reads, before prompt and projection. */
export interface EncoderSource {
  /** int64 [batch, text] */
  readonly ids: Tensor;
  /** float32 [batch, tokens, width] */
  readonly visual: Tensor;
  /** float32 [batch, m + text + tokens] */
  readonly mask: Tensor;
  /** int64 [m + text + tokens, m + text + tokens] from `encoderBuckets`. */
  readonly buckets: Tensor;
}

/** The encoder's output [batch, m + text + tokens, width], and the backbone that it was computed with. */
export function encodeSource(
  frozen: Backbone,
  { config, method, projection }: ClipT5,
  parameters: Parameters,
  { ids, visual, mask, buckets }: EncoderSource,
): { readonly states: Tensor; readonly backbone: Backbone } {
  const backbone = method.adapt?.(frozen, parameters) ?? frozen;
  const words = wordEmbeddings(backbone, config, ids);
  const joined = concat([method.front(words, parameters), projection.project(visual, parameters)], 1);
  return { states: encode(backbone, config, { states: joined, mask, buckets }), backbone };
}

function encodeInput(frozen: Backbone, model: ClipT5): Encoded {
  const { method, visual } = model;
  const parameters = new Parameters(trainedParameters(model));
  const source: Dim = addDims(method.promptLength, text, visual.tokens);
  const mask = input('mask', 'float32', [batch, source]);
  const encoded = encodeSource(frozen, model, parameters, {
    ids: input('ids', 'int64', [batch, text]),
    visual: input('visual', 'float32', [batch, visual.tokens, visual.width]),
    mask,
    buckets: input('buckets', 'int64', [source, source]),
  });
  return { ...encoded, mask, parameters };
}

/** The loss of a batch and the parameters it depends on; `targetLength`: most tokens of a target. */
export function trainingGraph(
  frozen: Backbone,
  model: ClipT5,
  targetLength?: number,
): { loss: Tensor; parameters: Parameters } {
  const { states, mask, parameters, backbone } = encodeInput(frozen, model);
  const [target, counted] = [named('target'), named('counted')];
  const feeds = {
    ids: input('targetIds', 'int64', [batch, target]),
    buckets: input('targetBuckets', 'int64', [target, target]),
    counted: input('counted', 'int64', [counted]),
    labels: input('labels', 'int64', [counted]),
    weights: input('weights', 'float32', [counted]),
  };
  const { loss } = sequenceLoss(backbone, model.config, states, mask, feeds, targetLength);
  return { loss, parameters };
}

/** The encoder's output [batch, source, width], for decoding. */
export function encodingGraph(frozen: Backbone, model: ClipT5): Tensor {
  return encodeInput(frozen, model).states;
}

/** Token ids of unequal length as one int64 matrix, padded on the right. */
export function paddedIds(rows: readonly (readonly number[])[], length: number, padId: number): Value {
  const data = new BigInt64Array(rows.length * length).fill(BigInt(padId));
  rows.forEach((row, i) => {
    for (let j = 0; j < row.length; j += 1) data[i * length + j] = BigInt(row[j]!);
  });
  return { data, shape: [rows.length, length] };
}

const bucketCache = new WeakMap<T5Config, Map<string, TensorData>>();

function bucketsFor(config: T5Config, length: number, ordered: number): TensorData {
  const known = bucketCache.get(config) ?? new Map<string, TensorData>();
  bucketCache.set(config, known);
  const key = `${length} ${ordered}`;
  const rows = known.get(key) ?? encoderBuckets(config, length, ordered);
  known.set(key, rows);
  return rows;
}

/** Feeds of the encoder's side for texts (token ids, end of text included) and visual tokens [batch, tokens, width]. */
export function encoderFeeds(
  { config, method, visual }: Omit<ClipT5, 'projection'>,
  texts: readonly (readonly number[])[],
  tokens: Float32Array,
): Record<string, Value> {
  const longest = Math.max(...texts.map((ids) => ids.length));
  const ordered = method.promptLength + longest;
  const length = ordered + visual.tokens;
  const mask = new Float32Array(texts.length * length).fill(1);
  texts.forEach((ids, i) => {
    mask.fill(0, i * length + method.promptLength + ids.length, i * length + ordered);
  });
  return {
    ids: paddedIds(texts, longest, config.padId),
    visual: { data: tokens, shape: [texts.length, visual.tokens, visual.width] },
    mask: { data: mask, shape: [texts.length, length] },
    buckets: { data: bucketsFor(config, length, ordered), shape: [length, length] },
  };
}
