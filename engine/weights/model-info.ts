/** What a model folder holds: kind, parameter count, precision, files. Reads headers only. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import { type CheckpointTensor, openCheckpoint } from './checkpoint.ts';
import { type Dtype, elementCount } from './dtypes.ts';
import { CONFIG_FILE, isModelFolder, isOpenClipFolder, OPEN_CLIP_CONFIG_FILE, weightsFiles } from './layout.ts';

export type ModelKind = 'clip' | 't5';

export interface ModelInfo {
  readonly name: string;
  readonly folder: string;
  readonly kind: ModelKind;
  /** Trainable numbers of the published model, tied tensors counted once. */
  readonly parameters: number;
  /** The type of most parameters. */
  readonly dtype: Dtype;
  /** Of all the files below, in bytes. */
  readonly size: number;
  readonly files: readonly ModelFile[];
}

export interface ModelFile {
  readonly name: string;
  readonly size: number;
}

const configSchema = z.looseObject({
  model_type: z.string(),
  tie_word_embeddings: z.boolean().default(true),
  /** False where transformers 5 saved a T5 v1.1: it calls every head tied. */
  scale_decoder_outputs: z.boolean().default(true),
});

/** What each kind needs beside `config.json` and the weights: one of these files. */
const NEEDED_FILES: Readonly<Record<ModelKind, readonly string[]>> = {
  clip: ['preprocessor_config.json', 'processor_config.json'],
  t5: ['tokenizer.json', 'spiece.model'],
};

interface Config {
  readonly kind: ModelKind;
  /** One of these is needed beside the config and the weights; none where the list is empty. */
  readonly needs: readonly string[];
  /** Whether the output head is the embedding table. */
  readonly tied: boolean;
}

const openClipSchema = z.object({
  model_cfg: z.object({ vision_cfg: z.looseObject({ layers: z.unknown().optional() }) }),
});

/** A ResNet has four numbers of layers, a vision transformer has one; timm's other image towers have none. */
function readOpenClipConfig(folder: string): Config {
  const path = join(folder, OPEN_CLIP_CONFIG_FILE);
  const { layers } = readJson(path, openClipSchema).model_cfg.vision_cfg;
  if (Number.isInteger(layers) || Array.isArray(layers)) return { kind: 'clip', needs: [], tied: false };
  throw new DeptError('unsupported', "This image tower is not read in open_clip's layout", {
    path,
    expected: 'a ResNet or a vision transformer of CLIP, with vision_cfg.layers',
    got: layers === undefined ? 'no vision_cfg.layers' : `vision_cfg.layers ${JSON.stringify(layers)}`,
    remedy: 'Take one of the CLIP models that OpenAI published (RN50, RN101, RN50x4, ViT-B-32, ViT-B-16, ViT-L-14).',
  });
}

function readConfig(folder: string): Config {
  if (isOpenClipFolder(folder)) return readOpenClipConfig(folder);
  const path = join(folder, CONFIG_FILE);
  const { model_type: type, tie_word_embeddings, scale_decoder_outputs } = readJson(path, configSchema);
  const tied = tie_word_embeddings && scale_decoder_outputs;
  if (type === 'clip' || type === 't5') return { kind: type, needs: NEEDED_FILES[type], tied };
  throw new DeptError('unsupported', 'This program does not know this kind of model', {
    path,
    expected: "model_type 'clip' or 't5'",
    got: `'${type}'`,
  });
}

/** What kind of model a folder's configuration describes. Throws `not-found`, `bad-file` or `unsupported`. */
export function modelKind(folder: string): ModelKind {
  return readConfig(folder).kind;
}

/** Names of the files that a model folder lacks to be of use; empty where it is complete. `has` goes before the folder. */
export function missingFiles(
  folder: string,
  has = (file: string): boolean => existsSync(join(folder, file)),
): string[] {
  const missing: string[] = [];
  const weights = weightsFiles(folder);
  if (!weights.some(has)) missing.push(weights[0]!);
  if (!isModelFolder(folder)) return [CONFIG_FILE, ...missing];
  const { needs } = readConfig(folder);
  return needs.some(has) ? missing : [...missing, ...needs.slice(0, 1)];
}

/** Names under which a T5 checkpoint may repeat its one embedding table; the last only where input and output are tied. */
const T5_EMBEDDING = ['shared.weight', 'encoder.embed_tokens.weight', 'decoder.embed_tokens.weight', 'lm_head.weight'];
/** A leftover of the original T5 checkpoints that no layer uses: cross-attention has no position bias. */
const T5_UNUSED = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';

/** What a batch norm has gathered in training. */
const STATISTIC = /\.running_(mean|var)$/;

/** Whether a tensor counts: integers and statistics are buffers, copies of the embedding table count once. */
function isParameter(tensor: CheckpointTensor, config: Config, has: (name: string) => boolean): boolean {
  if (!['F32', 'F16', 'BF16', 'F64'].includes(tensor.dtype)) return false;
  if (config.kind !== 't5') return !STATISTIC.test(tensor.name);
  const copies = config.tied ? T5_EMBEDDING : T5_EMBEDDING.slice(0, -1);
  const isCopy = copies.includes(tensor.name) && tensor.name !== copies.find(has);
  return !isCopy && tensor.name !== T5_UNUSED;
}

function listFiles(folder: string): ModelFile[] {
  return readdirSync(folder).flatMap((name) => {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false }); // none: a link to nowhere
    return stats?.isFile() ? [{ name, size: stats.size }] : [];
  });
}

/** Describes one model folder. Throws `not-found`, `bad-file` or `unsupported`. */
export function describeModel(folder: string): ModelInfo {
  const config = readConfig(folder);
  const checkpoint = openCheckpoint(folder);
  const counts = new Map<Dtype, number>();
  for (const name of checkpoint.names()) {
    const tensor = checkpoint.tensor(name);
    if (!isParameter(tensor, config, checkpoint.has)) continue;
    counts.set(tensor.dtype, (counts.get(tensor.dtype) ?? 0) + elementCount(tensor.shape));
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (most === undefined) throw new DeptError('bad-file', 'The model has no parameters', { path: folder });
  const files = listFiles(folder);
  return {
    name: basename(folder),
    folder,
    kind: config.kind,
    parameters: [...counts.values()].reduce((sum, count) => sum + count, 0),
    dtype: most[0],
    size: files.reduce((sum, file) => sum + file.size, 0),
    files,
  };
}
