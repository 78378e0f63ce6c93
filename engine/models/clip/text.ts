/** CLIP's text transformer: captions to one embedding. */
import { type Dim, multiplyDims } from '../../graph/dim.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/gather.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { reshape, slice } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import type { ClipConfig } from './config.ts';
import { normalise, transformerStates } from './transformer.ts';

const TOWER = 'text_model';

export interface ClipTextInput {
  /** int64 [batch, text], padded on the right. */
  readonly ids: Tensor;
  /** float32 [text, text]: 0 on and below the diagonal, a large negative number above (`causalBias`). */
  readonly causal: Tensor;
  /** int64 [batch]: batch index * text + place of the end-of-text token (`endPositions`). */
  readonly ends: Tensor;
}

/** Values for `ClipTextInput.causal`. */
export function causalBias(length: number): Float32Array {
  return Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0));
}

/**
 * Values for `ClipTextInput.ends`: the first `eosId` of each row. Checkpoints from before that id was recorded carry 2
 * in their config; for them it is the highest id of the row, as the reference implementation does.
 */
export function endPositions(rows: readonly (readonly number[])[], length: number, eosId: number): BigInt64Array {
  const ends = rows.map((row, i) => {
    const wanted = eosId === 2 ? Math.max(...row) : eosId;
    return BigInt(i * length + Math.max(row.indexOf(wanted), 0));
  });
  return BigInt64Array.from(ends);
}

/** Hidden states: embeddings, then after each layer; each [batch, text, width]. */
export function textStates(backbone: Backbone, { text }: ClipConfig, { ids, causal }: ClipTextInput): Tensor[] {
  const length: Dim = ids.shape[1]!;
  const words = backbone.weight(`${TOWER}.embeddings.token_embedding.weight`, [text.vocabularySize, text.width]);
  const places = backbone.weight(`${TOWER}.embeddings.position_embedding.weight`, [text.positions, text.width]);
  const embedded = add(gather(words, ids), slice(places, 0, 0, length));
  return transformerStates(backbone, text, TOWER, embedded, text.layers, causal);
}

/** The end-of-text state, normalised and projected: [batch, projectionWidth]. */
export function textEmbedding(backbone: Backbone, config: ClipConfig, states: Tensor, ends: Tensor): Tensor {
  const { width } = config.text;
  const [batch, length] = states.shape;
  const normed = normalise(backbone, config.text, `${TOWER}.final_layer_norm`, states);
  const pooled = gather(reshape(normed, [multiplyDims(batch!, length!), width]), ends);
  if (config.transposedProjections) {
    return matmul(pooled, backbone.weight('text_projection', [width, config.projectionWidth]));
  }
  return backbone.linear('text_projection.weight', pooled, config.projectionWidth, width);
}
