/**
 * A prompt adapter in its folder, whoever wrote it: DePT's authors, PEFT, or a run of this program. Read whole and checked;
 * nothing is converted.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { LOW_RANK_A, LOW_RANK_B } from '../tuning/dept.ts';
import { PROMPT } from '../tuning/soft-prompt.ts';
import { readFloats, readSafetensorsHeader, readTensor, type SafetensorsFile } from '../weights/safetensors.ts';
import { readTorchHeader } from '../weights/torch-file.ts';
import type { TorchTensor } from '../weights/torch-writer.ts';
import { type AdapterConfig, readAdapterConfig } from './adapter-config.ts';

export const SAFETENSORS_FILE = 'adapter_model.safetensors';
export const TORCH_FILE = 'adapter_model.bin';
/** Beside an exported adapter: the projection of visual tokens, which neither format knows. */
export const PROJECTION_FILE = 'visual_projection.safetensors';
/** How names of the projection's tensors begin. */
const PROJECTION = 'visual_projection.';

export interface Adapter {
  readonly folder: string;
  readonly config: AdapterConfig;
  /** `prompt-tuning` has a prompt alone. */
  readonly method: 'dept' | 'prompt-tuning';
  /** m. */
  readonly promptLength: number;
  /** r; 0 without a low-rank update. */
  readonly rank: number;
  /** s, the most text tokens; undefined where there is no update to bind it. */
  readonly maxTextLength: number | undefined;
  /** As `DeptOptions.alpha`; undefined without a low-rank update. */
  readonly alpha: number | null | undefined;
  /** d. */
  readonly width: number;
  /** The file that holds the tensors. */
  readonly weights: SafetensorsFile;
  /** All tensors that the file holds for this adapter, by their names in checkpoints, as the file has them. */
  readonly tensors: Readonly<Record<string, TorchTensor>>;
  /** Tensors that the configuration promises and the file does not hold: A and B, of some that the authors published. */
  readonly missing: readonly string[];
  /** The visual projection, where there is one, in a file of its own or beside the prompt. */
  readonly projection: Readonly<Record<string, TorchTensor>>;
}

function openWeights(folder: string): SafetensorsFile {
  const safetensors = join(folder, SAFETENSORS_FILE);
  if (existsSync(safetensors)) return readSafetensorsHeader(safetensors);
  const torch = join(folder, TORCH_FILE);
  if (existsSync(torch)) return readTorchHeader(torch);
  throw new DeptError('not-found', "The folder holds no adapter's weights", {
    path: folder,
    expected: `${SAFETENSORS_FILE} or ${TORCH_FILE}`,
  });
}

/** A tensor as the file has it. Throws `bad-file` for integers and for values that are not finite. */
function tensorOf(file: SafetensorsFile, name: string): TorchTensor {
  const { dtype, shape, device } = file.tensors.get(name)!;
  if (readFloats(file, name).every(Number.isFinite)) {
    return { dtype, shape, data: readTensor(file, name), ...(device !== undefined && { device }) };
  }
  throw new DeptError('bad-file', `Tensor '${name}' of the adapter holds values that are not finite numbers`, {
    path: file.path,
    remedy: 'Its training has diverged, or the file is damaged: take another checkpoint.',
  });
}

/** Shapes that the configuration promises. */
function shapesOf(config: AdapterConfig): Record<string, readonly number[]> {
  const { num_virtual_tokens: length, token_dim: width } = config;
  const shapes: Record<string, readonly number[]> = {};
  // PEFT has a second half for the decoder, which prompt tuning then does not read
  const halves = config.peft_type === 'PROMPT_TUNING' ? (config.num_transformer_submodules ?? 2) : 1;
  if (length > 0) shapes[PROMPT] = [length * halves, width];
  if (config.peft_type === 'PROMPT_TUNING_LORA' && config.r > 0) {
    shapes[LOW_RANK_A] = [config.max_length, config.r];
    shapes[LOW_RANK_B] = [config.r, width];
  }
  return shapes;
}

function checkShapes(file: SafetensorsFile, shapes: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, expected] of Object.entries(shapes)) {
    const got = file.tensors.get(name)?.shape;
    if (got === undefined || (got.length === 2 && got.every((extent, i) => extent === expected[i]))) continue;
    throw new DeptError('bad-file', `Tensor '${name}' does not fit the adapter's configuration`, {
      path: file.path,
      expected: `[${expected.join(', ')}]`,
      got: `[${got.join(', ')}]`,
    });
  }
}

/** A and B may both be missing; a prompt, or one of them alone, may not. */
function missingIn(file: SafetensorsFile, names: readonly string[]): readonly string[] {
  const missing = names.filter((name) => !file.tensors.has(name));
  const update = [LOW_RANK_A, LOW_RANK_B];
  const isPromptOnly = file.tensors.has(PROMPT) && missing.join() === update.join();
  if (missing.length === 0 || isPromptOnly) return missing;
  throw new DeptError('bad-file', `The adapter lacks ${missing.map((name) => `'${name}'`).join(' and ')}`, {
    path: file.path,
    expected: names.join(', '),
    got: [...file.tensors.keys()].slice(0, 8).join(', ') || 'no tensors',
  });
}

function checkNothingElse(file: SafetensorsFile, expected: readonly string[]): void {
  const known = new Set([PROMPT, LOW_RANK_A, LOW_RANK_B, ...expected]);
  const others = [...file.tensors.values()].filter(
    ({ name, byteLength }) => !(known.has(name) && (expected.includes(name) || byteLength === 0)),
  );
  const strange = others.filter(({ name }) => !name.startsWith(PROJECTION));
  if (strange.length === 0) return;
  throw new DeptError('unsupported', 'The adapter has tensors that its kind does not have', {
    path: file.path,
    expected: [...expected, `${PROJECTION}*`].join(', '),
    got: strange.map(({ name }) => name.slice(0, 100)).join(', '),
  });
}

function projectionOf(folder: string, weights: SafetensorsFile): Record<string, TorchTensor> {
  const own = join(folder, PROJECTION_FILE);
  const file = existsSync(own) ? readSafetensorsHeader(own) : weights;
  const names = [...file.tensors.keys()].filter((name) => name.startsWith(PROJECTION));
  return Object.fromEntries(names.map((name) => [name, tensorOf(file, name)]));
}

/**
 * Reads the adapter in a folder: of DePT's authors, of PEFT (PROMPT_TUNING), or the checkpoint of a run.
 * @throws DeptError 'not-found', 'bad-file' for what does not fit together or is not finite, 'unsupported' for other kinds of
 *   adapters, tensors that none here has, and whatever a torch file may not hold.
 */
export function readAdapter(folder: string): Adapter {
  const config = readAdapterConfig(folder);
  const weights = openWeights(folder);
  const shapes = shapesOf(config);
  const names = Object.keys(shapes);
  checkShapes(weights, shapes);
  const missing = missingIn(weights, names);
  checkNothingElse(weights, names);
  const there = names.filter((name) => weights.tensors.has(name));
  const isDept = config.peft_type === 'PROMPT_TUNING_LORA';
  const rank = isDept ? config.r : 0;
  return {
    folder,
    config,
    method: isDept ? 'dept' : 'prompt-tuning',
    promptLength: config.num_virtual_tokens,
    rank,
    maxTextLength: isDept && rank > 0 ? config.max_length : undefined,
    alpha: isDept && rank > 0 ? config.lora_alpha : undefined,
    width: config.token_dim,
    weights,
    tensors: Object.fromEntries(there.map((name) => [name, tensorOf(weights, name)])),
    missing,
    projection: projectionOf(folder, weights),
  };
}

/** The prompt that the encoder reads: the first m rows, where PEFT has a second half for the decoder. */
export function encoderPrompt({ tensors, promptLength, width }: Adapter): TorchTensor {
  const { dtype, data, device } = tensors[PROMPT]!;
  const own = data.subarray(0, promptLength * width);
  return { dtype, shape: [promptLength, width], data: own, ...(device !== undefined && { device }) };
}
