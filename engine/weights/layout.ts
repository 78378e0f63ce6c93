/** The two layouts of published model folders: Hugging Face's (`config.json`) and open_clip's (`open_clip_config.json`). */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';

export const CONFIG_FILE = 'config.json';
export const OPEN_CLIP_CONFIG_FILE = 'open_clip_config.json';

const otherConfig = z.looseObject({ model_type: z.unknown().optional() });

/**
 * Whether a folder is to be read in open_clip's layout. Many hold a `config.json` too: with a `model_type` it is
 * Hugging Face's, and goes first; without one it is timm's, which knows the image tower only.
 */
export function isOpenClipFolder(folder: string): boolean {
  if (!existsSync(join(folder, OPEN_CLIP_CONFIG_FILE))) return false;
  const config = join(folder, CONFIG_FILE);
  return !existsSync(config) || readJson(config, otherConfig).model_type === undefined;
}

const OPEN_CLIP_WEIGHTS = { safetensors: 'open_clip_model.safetensors', torch: 'open_clip_pytorch_model.bin' } as const;

/** What a file of weights is called in open_clip's layout, by its format. */
export function openClipWeightsFile(path: string): string {
  return path.endsWith('.safetensors') ? OPEN_CLIP_WEIGHTS.safetensors : OPEN_CLIP_WEIGHTS.torch;
}

/**
 * The names that a folder's weights can have, the first that is there counts: safetensors goes before what `torch.save`
 * wrote. Weights of several files have an index, under the name of the whole and `INDEX_SUFFIX`.
 */
export function weightsFiles(folder: string): readonly string[] {
  const wholes = isOpenClipFolder(folder)
    ? Object.values(OPEN_CLIP_WEIGHTS)
    : ['model.safetensors', 'pytorch_model.bin'];
  return wholes.flatMap((name) => [name, name + INDEX_SUFFIX]);
}

export const INDEX_SUFFIX = '.index.json';

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The file of each tensor, from an index; all lie beside it. Throws `not-found` or `bad-file`. */
export function readShardIndex(path: string): Readonly<Record<string, string>> {
  const { weight_map: files } = readJson(path, shardIndex);
  for (const [tensor, file] of Object.entries(files)) {
    if (file === basename(file) && !/^\.{0,2}$|[\\\0]/.test(file)) continue;
    throw new DeptError('bad-file', `The index puts tensor '${tensor}' outside the model folder`, {
      path,
      expected: 'a plain file name',
      got: file,
    });
  }
  return files;
}

export function isModelFolder(folder: string): boolean {
  return [CONFIG_FILE, OPEN_CLIP_CONFIG_FILE].some((file) => existsSync(join(folder, file)));
}
