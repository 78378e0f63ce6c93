/** The transformer that both of CLIP's towers are. */
import { gelu, quickGelu } from '../../graph/ops/activations.ts';
import { attention } from '../../graph/ops/attention.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { layerNorm } from '../../graph/ops/normalisation.ts';
import { reshape, transpose } from '../../graph/ops/structure.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Backbone } from '../backbone.ts';
import type { TransformerConfig } from './config.ts';

/** W x + b for the layer `name`. */
export function affine(backbone: Backbone, name: string, x: Tensor, out: number, width: number): Tensor {
  return add(backbone.linear(`${name}.weight`, x, out, width), backbone.weight(`${name}.bias`, [out]));
}

export function normalise(backbone: Backbone, config: TransformerConfig, name: string, x: Tensor): Tensor {
  const vector = (part: string): Tensor => backbone.weight(`${name}.${part}`, [config.width]);
  return layerNorm(x, vector('weight'), vector('bias'), config.epsilon);
}

function selfAttention(backbone: Backbone, config: TransformerConfig, name: string, x: Tensor, bias?: Tensor): Tensor {
  const { width, heads } = config;
  const [batch, length] = x.shape;
  const headWidth = width / heads;
  const split = (part: string): Tensor => {
    const all = affine(backbone, `${name}.${part}_proj`, x, width, width);
    return transpose(reshape(all, [batch!, length!, heads, headWidth]), [0, 2, 1, 3]);
  };
  const options = bias === undefined ? {} : { bias };
  const mixed = attention(split('q'), split('k'), split('v'), { scale: headWidth ** -0.5, ...options });
  const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [batch!, length!, width]);
  return affine(backbone, `${name}.out_proj`, merged, width, width);
}

function feedForward(backbone: Backbone, config: TransformerConfig, name: string, x: Tensor): Tensor {
  const inner = affine(backbone, `${name}.fc1`, x, config.feedForwardWidth, config.width);
  const active = config.activation === 'gelu' ? gelu(inner) : quickGelu(inner);
  return affine(backbone, `${name}.fc2`, active, config.width, config.feedForwardWidth);
}

/** The states that go in, then those after each layer; each [batch, length, width]. `bias` is added to all scores. */
export function transformerStates(
  backbone: Backbone,
  config: TransformerConfig,
  name: string,
  states: Tensor,
  layers: number,
  bias?: Tensor,
): Tensor[] {
  const all = [states];
  for (let layer = 0; layer < layers; layer += 1) {
    const block = `${name}.encoder.layers.${layer}`;
    let x = all.at(-1)!;
    x = add(
      x,
      selfAttention(
        backbone,
        config,
        `${block}.self_attn`,
        normalise(backbone, config, `${block}.layer_norm1`, x),
        bias,
      ),
    );
    x = add(x, feedForward(backbone, config, `${block}.mlp`, normalise(backbone, config, `${block}.layer_norm2`, x)));
    all.push(x);
  }
  return all;
}
