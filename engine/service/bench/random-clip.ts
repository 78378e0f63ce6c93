/** CLIP ViT-B/32's image tower with random weights: as slow as the published one, and as large. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../common/files.ts';
import { RandomTensors } from './random-tensors.ts';

const [WIDTH, INNER, LAYERS, PATCH, IMAGE, EMBEDDING] = [768, 3072, 12, 32, 224, 512];

/** Fills the new folder `folder`. */
export function writeRandomClip(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeJsonAtomic(join(folder, 'config.json'), { model_type: 'clip' });
  writeJsonAtomic(join(folder, 'preprocessor_config.json'), {
    image_processor_type: 'CLIPImageProcessor',
    do_resize: true,
    size: { shortest_edge: IMAGE },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: IMAGE, width: IMAGE },
    do_rescale: true,
    do_normalize: true,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
    do_convert_rgb: true,
  });

  const tensors = new RandomTensors();
  const linear = (name: string, out: number, width: number): void => {
    tensors.matrix(`${name}.weight`, [out, width]);
    tensors.constant(`${name}.bias`, [out], 0);
  };
  const norm = (name: string): void => {
    tensors.constant(`${name}.weight`, [WIDTH], 1);
    tensors.constant(`${name}.bias`, [WIDTH], 0);
  };
  tensors.matrix('vision_model.embeddings.class_embedding', [WIDTH], 1);
  tensors.matrix('vision_model.embeddings.patch_embedding.weight', [WIDTH, 3, PATCH, PATCH]);
  tensors.matrix('vision_model.embeddings.position_embedding.weight', [(IMAGE / PATCH) ** 2 + 1, WIDTH], 1);
  norm('vision_model.pre_layrnorm'); // the published name
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const place = `vision_model.encoder.layers.${layer}`;
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${place}.self_attn.${name}`, WIDTH, WIDTH);
    linear(`${place}.mlp.fc1`, INNER, WIDTH);
    linear(`${place}.mlp.fc2`, WIDTH, INNER);
    for (const name of ['layer_norm1', 'layer_norm2']) norm(`${place}.${name}`);
  }
  norm('vision_model.post_layernorm');
  tensors.matrix('visual_projection.weight', [EMBEDDING, WIDTH]);
  tensors.write(join(folder, 'model.safetensors'));
}
