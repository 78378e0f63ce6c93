/**
 * The config of a CLIP from its weights alone, as OpenAI published them: one file (RN50.pt, ViT-B-32.pt, ...) and nothing beside it.
 * The sizes are those of the tensors; heads of 64, feed-forward layers of four times the width and quick GELU go without saying
 * (open_clip's `build_model_from_openai_state_dict`).
 */
import { DeptError } from '../common/errors.ts';
import type { SafetensorsFile } from './safetensors.ts';

/** Stands in OpenAI's own files only: others with these names may have another activation. */
const OPENAI = 'input_resolution';

const HEAD_WIDTH = 64;

/** The content of an `open_clip_config.json`. Throws `bad-input` for other weights than those of a CLIP under OpenAI's names. */
export function configOfWeights({ path, tensors }: SafetensorsFile): object {
  const refused = (message: string, expected: string): DeptError =>
    new DeptError('bad-input', message, {
      path,
      expected,
      remedy: 'Put the file into a folder with the configuration that it was published with, and add the folder.',
    });
  const size = (name: string, axis: number): number => {
    const extent = tensors.get(name)?.shape.at(axis);
    if (extent !== undefined) return extent;
    throw refused('The file holds no CLIP whose configuration would follow from its weights', `the tensor ${name}`);
  };
  /** Different values of the first group of a pattern among the names. */
  const count = (pattern: RegExp): number =>
    new Set(Iterator.from(tensors.keys()).flatMap((name) => pattern.exec(name)?.slice(1, 2) ?? [])).size;
  const side = (positions: string): number => Math.round(Math.sqrt(size(positions, 0) - 1));

  const isTransformer = tensors.has('visual.proj');
  if (isTransformer && !tensors.has(OPENAI)) {
    throw refused(
      "Which activation these weights are for is not certain: they are not OpenAI's own file",
      `the tensor ${OPENAI}`,
    );
  }
  const patch = isTransformer ? size('visual.conv1.weight', -1) : null;
  const vision_cfg =
    patch === null
      ? {
          image_size: 32 * side('visual.attnpool.positional_embedding'),
          layers: [1, 2, 3, 4].map((layer) => count(new RegExp(`^visual\\.layer${layer}\\.(\\d+)\\.`))),
          width: size('visual.layer1.0.conv1.weight', 0),
          patch_size: null,
        }
      : {
          image_size: patch * side('visual.positional_embedding'),
          layers: count(/^visual\.transformer\.resblocks\.(\d+)\./),
          width: size('visual.conv1.weight', 0),
          patch_size: patch,
        };
  const width = size('ln_final.weight', 0);
  const text_cfg = {
    context_length: size('positional_embedding', 0),
    vocab_size: size('token_embedding.weight', 0),
    width,
    heads: width / HEAD_WIDTH,
    layers: count(/^transformer\.resblocks\.(\d+)\./),
  };
  return { model_cfg: { embed_dim: size('text_projection', 1), quick_gelu: true, vision_cfg, text_cfg } };
}
