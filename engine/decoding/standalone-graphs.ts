/**
 * A tuned model as three graphs that need nothing of this program: a picture to visual tokens, those and a text to the encoder's
 * states, and one step of the decoder. What training feeds (the trained values, masks, position buckets) is inside.
 */
import { type CompiledGraph, compile } from '../graph/compile.ts';
import { addDims, type Dim, named, subtractDims } from '../graph/dim.ts';
import { cast, greater, where } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/gather.ts';
import { concat, expand, slice, transpose } from '../graph/ops/structure.ts';
import type { Parameters } from '../graph/parameter.ts';
import { constant, input, integerConstant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Backbone } from '../models/backbone.ts';
import { type ImageTowerConfig, imageTower } from '../models/clip/image-tower.ts';
import type { KeysValues } from '../models/t5/blocks.ts';
import type { T5Config } from '../models/t5/config.ts';
import { crossKeysValues, decode, logits } from '../models/t5/decoder.ts';
import { decoderBuckets, encoderBuckets } from '../models/t5/positions.ts';
import { type ClipT5, encodeSource } from '../vision-language/clip-t5.ts';
import { poolWindows, type VisualChoice, visualShape } from '../vision-language/image-encoder.ts';

const [batch, text, source, past] = [named('batch'), named('text'), named('source'), named('past')];

/** Ids that the decoder can have behind it. */
export const MAX_PAST = 1023;

/** Cells [batch, side^2, width], max-pooled to `pool` x `pool` as `adaptiveMaxPool` does it. */
function pooled(cells: Tensor, side: number, pool: number): Tensor {
  const byCell = transpose(cells, [1, 0, 2]);
  const windows = poolWindows(side, pool);
  // the largest window decides how many looks there are; smaller ones look at their last cell again
  const looks = Math.max(...windows.map((window) => window.length));
  const parts = Array.from({ length: looks }, (_, look) => {
    const numbers = windows.map((window) => window[Math.min(look, window.length - 1)]!);
    return gather(byCell, integerConstant(numbers, [numbers.length]));
  });
  const largest = parts.reduce((most, part) => where(greater(most, part), most, part));
  return transpose(largest, [1, 0, 2]);
}

/** `pixels` [batch, 3, size, size], preprocessed -> `visual_tokens` [batch, tokens, width]. */
export function imageGraph(backbone: Backbone, config: ImageTowerConfig, choice: VisualChoice): CompiledGraph {
  const { imageSize, build } = imageTower(config);
  const { layer, side } = visualShape(config, choice);
  const pixels = input('pixels', 'float32', [batch, 3, imageSize, imageSize]);
  const { tokens } = build(backbone, pixels, layer);
  return compile({ visual_tokens: choice.pool === null ? tokens : pooled(tokens, side, choice.pool) });
}

function filled(value: number, rows: Dim, columns: Dim): Tensor {
  return expand(integerConstant(value, [1, 1]), [rows, columns]);
}

/** Rows of the encoder's bias table for a text of any length up to `maxTextLength`, [m + text + tokens]^2; see `encoderBuckets`. */
function encoderRows(config: T5Config, promptLength: number, tokens: number, maxTextLength: number): Tensor {
  const longest = promptLength + maxTextLength;
  // a row depends on the distance alone, so that the table of the longest text holds those of all shorter ones
  const table = integerConstant([...encoderBuckets(config, longest)].map(Number), [longest, longest]);
  const ordered = addDims(promptLength, text);
  const known = slice(slice(table, 0, 0, ordered), 1, 0, ordered);
  const unbiased = Number(encoderBuckets(config, 1, 0)[0]);
  const withColumns = concat([known, filled(unbiased, ordered, tokens)], 1);
  return concat([withColumns, filled(unbiased, tokens, addDims(ordered, tokens))], 0);
}

const keysValuesOutputs = (prefix: string, layers: readonly KeysValues[]): Record<string, Tensor> =>
  Object.fromEntries(
    layers.flatMap(({ keys, values }, layer) => [
      [`${prefix}.${layer}.keys`, keys],
      [`${prefix}.${layer}.values`, values],
    ]),
  );

/**
 * `input_ids` int64 and `attention_mask` int64 [batch, text], end of text included, and `visual_tokens` [batch, tokens, width] ->
 * `states` [batch, source, d], `mask` float32 [batch, source], and what the decoder looks up in them, `cross.<layer>.keys` and
 * `.values` [batch, heads, source, headWidth].
 */
export function encoderGraph(
  backbone: Backbone,
  model: ClipT5,
  parameters: Parameters,
  maxTextLength: number,
): CompiledGraph {
  const { config, method, visual } = model;
  const ids = input('input_ids', 'int64', [batch, text]);
  const textMask = cast(input('attention_mask', 'int64', [batch, text]), 'float32');
  const tokens = input('visual_tokens', 'float32', [batch, visual.tokens, visual.width]);
  const ones = (length: number): Tensor[] => (length === 0 ? [] : [expand(constant(1, []), [batch, length])]);
  const mask = concat([...ones(method.promptLength), textMask, ...ones(visual.tokens)], 1);
  const { states, backbone: tuned } = encodeSource(backbone, model, parameters, {
    ids,
    visual: tokens,
    mask,
    buckets: encoderRows(config, method.promptLength, visual.tokens, maxTextLength),
  });
  return compile({ states, mask, ...keysValuesOutputs('cross', crossKeysValues(tuned, config, states)) });
}

/**
 * `input_ids` int64 [batch, 1], the newest id; `past.<layer>.keys` and `.values` [batch, heads, past, headWidth], nothing at the
 * first step; `cross.*` and `mask` of the encoder -> `logits` [batch, 1, vocabulary] and `present.*`, the next step's past.
 */
export function decoderGraph(backbone: Backbone, config: T5Config): CompiledGraph {
  const { heads, headWidth, decoderLayers } = config;
  const layers = (prefix: string, length: Dim): KeysValues[] =>
    Array.from({ length: decoderLayers }, (_, layer) => {
      const part = (what: string) => input(`${prefix}.${layer}.${what}`, 'float32', [batch, heads, length, headWidth]);
      return { keys: part('keys'), values: part('values') };
    });
  // the row of the last of so many ids: any shorter one is its end
  const table = integerConstant([...decoderBuckets(config, 1, MAX_PAST)].map(Number), [1, MAX_PAST + 1]);
  const { states, present } = decode(backbone, config, {
    ids: input('input_ids', 'int64', [batch, 1]),
    buckets: slice(table, 1, subtractDims(MAX_PAST, past), MAX_PAST + 1),
    cross: layers('cross', source),
    sourceMask: input('mask', 'float32', [batch, source]),
    past: layers('past', past),
  });
  return compile({ logits: logits(backbone, config, states.at(-1)!), ...keysValuesOutputs('present', present) });
}
