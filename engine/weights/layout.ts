/** The two layouts of published model folders: Hugging Face's (`config.json`) and open_clip's (`open_clip_config.json`). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
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

/** The name of a folder's weights. Weights of several files have an index, under this name and `INDEX_SUFFIX`. */
export function weightsFile(folder: string): string {
  return isOpenClipFolder(folder) ? 'open_clip_model.safetensors' : 'model.safetensors';
}

export const INDEX_SUFFIX = '.index.json';

export function isModelFolder(folder: string): boolean {
  return [CONFIG_FILE, OPEN_CLIP_CONFIG_FILE].some((file) => existsSync(join(folder, file)));
}
