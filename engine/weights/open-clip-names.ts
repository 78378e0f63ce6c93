/**
 * The transformers of a CLIP under OpenAI's and open_clip's names, seen under those of Hugging Face, which the models here
 * ask for. Nothing is copied: queries, keys and values, which lie in one tensor, are row blocks of it.
 */
import { elementCount } from './dtypes.ts';
import type { TensorInfo } from './safetensors.ts';

/** What the tensors of either tower are called that are there once; projections keep their names, for they are transposed. */
const SINGLE: Readonly<Record<string, string>> = {
  'visual.class_embedding': 'vision_model.embeddings.class_embedding',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
  'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
};

const BLOCK = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)$/;

const IN_BLOCK: Readonly<Record<string, string>> = {
  'ln_1.weight': 'layer_norm1.weight',
  'ln_1.bias': 'layer_norm1.bias',
  'ln_2.weight': 'layer_norm2.weight',
  'ln_2.bias': 'layer_norm2.bias',
  'attn.out_proj.weight': 'self_attn.out_proj.weight',
  'attn.out_proj.bias': 'self_attn.out_proj.bias',
  'mlp.c_fc.weight': 'mlp.fc1.weight',
  'mlp.c_fc.bias': 'mlp.fc1.bias',
  'mlp.c_proj.weight': 'mlp.fc2.weight',
  'mlp.c_proj.bias': 'mlp.fc2.bias',
};

/** Attention's three projections in one tensor, one below the other. */
const FUSED: Readonly<Record<string, string>> = { 'attn.in_proj_weight': 'weight', 'attn.in_proj_bias': 'bias' };

/** The rows of a fused projection as three tensors; undefined where they are no multiple of three. */
function split<Info extends TensorInfo>(info: Info, block: string, part: string): Info[] | undefined {
  const [rows, ...rest] = info.shape;
  if (rows === undefined || rows % 3 !== 0) return undefined;
  const shape = [rows / 3, ...rest];
  const byteLength = (info.byteLength / elementCount(info.shape)) * elementCount(shape);
  return ['q', 'k', 'v'].map((letter, i) => ({
    ...info,
    name: `${block}.self_attn.${letter}_proj.${part}`,
    shape,
    offset: info.offset + i * byteLength,
    byteLength,
  }));
}

function renamed<Info extends TensorInfo>(info: Info): Info[] {
  const single = SINGLE[info.name];
  if (single !== undefined) return [{ ...info, name: single }];
  const [, visual, layer, inner] = BLOCK.exec(info.name) ?? [];
  if (inner === undefined) return [info];
  const block = `${visual === undefined ? 'text_model' : 'vision_model'}.encoder.layers.${layer}`;
  const fused = FUSED[inner];
  if (fused !== undefined) return split(info, block, fused) ?? [info];
  const name = IN_BLOCK[inner];
  return [name === undefined ? info : { ...info, name: `${block}.${name}` }];
}

/** The tensors of a checkpoint in open_clip's layout under Hugging Face's names; with a ResNet all keep their own. */
export function underHuggingFaceNames<Info extends TensorInfo>(tensors: readonly Info[]): readonly Info[] {
  const hasTransformer = tensors.some(({ name }) => name === 'visual.class_embedding');
  return hasTransformer ? tensors.flatMap(renamed) : tensors;
}
