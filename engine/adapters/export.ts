/** Adapters as other programs read them: the folder of DePT's authors, and PEFT's. */
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';
import { writeFolderAtomic } from '../common/folders.ts';
import { LOW_RANK_A, LOW_RANK_B } from '../tuning/dept.ts';
import { PROMPT } from '../tuning/soft-prompt.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { type TorchTensor, writeTorchFile } from '../weights/torch-writer.ts';
import { type Adapter, encoderPrompt, PROJECTION_FILE, SAFETENSORS_FILE, TORCH_FILE } from './adapter.ts';
import { CONFIG_FILE, configText } from './adapter-config.ts';

/** What safetensors files of PyTorch's world say of themselves. */
const FORMAT = { format: 'pt' } as const;
/** Fields that only checkpoints of this program have. */
const OWN_FIELD = /^vision_/;

type Fields = Readonly<Record<string, unknown>>;

function split(config: Fields): { own: [string, unknown][]; shared: [string, unknown][] } {
  const fields = Object.entries(config);
  return {
    own: fields.filter(([name]) => OWN_FIELD.test(name)),
    shared: fields.filter(([name]) => !OWN_FIELD.test(name)),
  };
}

/** The projection of visual tokens in a file of its own, which says what it projects from. */
function writeProjection(folder: string, { config, projection }: Adapter): void {
  if (Object.keys(projection).length === 0) return;
  const about = split(config).own.map(([name, value]) => [name, String(value)] as const);
  writeSafetensors(join(folder, PROJECTION_FILE), projection, { ...FORMAT, ...Object.fromEntries(about) });
}

function empty(rows: number, columns: number): TorchTensor {
  return { dtype: 'F32', shape: [rows, columns], data: new Float32Array(0) };
}

/** All that the authors' reader asks for, in their order: where m or r is 0, a tensor without values. */
function deptTensors(adapter: Adapter): Record<string, TorchTensor> {
  const { config, tensors, width } = adapter;
  const prompt = tensors[PROMPT] ?? empty(0, width);
  if (config.peft_type === 'PROMPT_TUNING') return { [PROMPT]: prompt };
  return {
    [PROMPT]: prompt,
    [LOW_RANK_A]: tensors[LOW_RANK_A] ?? empty(config.max_length, 0),
    [LOW_RANK_B]: tensors[LOW_RANK_B] ?? empty(0, width),
  };
}

function checkWhole({ missing, weights }: Adapter): void {
  if (missing.length === 0) return;
  throw new DeptError('unsupported', 'The adapter is not whole: its low-rank update is not in its file', {
    path: weights.path,
    expected: missing.join(', '),
    got: 'the prompt alone',
    remedy: 'No program can use it so. Start a run from it, or take the adapter from where it was trained.',
  });
}

/**
 * Writes the folder that the authors' fork of PEFT reads: adapter_config.json, the tensors as adapter_model.bin (torch.save's
 * format) and as adapter_model.safetensors. Their code knows no scale of 1, so that alpha null becomes sqrt(r), which is one.
 * An adapter without low-rank update of the method prompt tuning is written as PROMPT_TUNING, which their fork reads as well.
 * @throws DeptError 'already-exists', 'unsupported' for an adapter whose A and B are missing.
 */
export function writeDeptFolder(folder: string, adapter: Adapter): void {
  checkWhole(adapter);
  const { config } = adapter;
  const shared = Object.fromEntries(split(config).shared);
  const alpha = config.peft_type === 'PROMPT_TUNING_LORA' &&
    config.lora_alpha === null && { lora_alpha: scaleOne(config.r) };
  const tensors = deptTensors(adapter);
  writeFolderAtomic(folder, (temporary) => {
    writeAtomic(join(temporary, CONFIG_FILE), configText({ ...shared, ...alpha }));
    writeTorchFile(join(temporary, TORCH_FILE), tensors);
    writeSafetensors(join(temporary, SAFETENSORS_FILE), tensors, FORMAT);
    writeProjection(temporary, adapter);
  });
}

/** The alpha with which alpha / sqrt(r) is 1; any will do without an update. */
function scaleOne(rank: number): number {
  return rank === 0 ? 8 : Math.sqrt(rank);
}

/** Fields of PEFT's own configuration that are as its defaults are. */
const peftDefaults = {
  auto_mapping: null,
  modules_to_save: null,
  num_attention_heads: null,
  num_layers: null,
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  revision: null,
  tokenizer_kwargs: null,
  tokenizer_name_or_path: null,
};

function checkPrompt({ method, rank, promptLength, folder }: Adapter): void {
  if (rank > 0) {
    throw new DeptError('unsupported', 'An adapter with a low-rank update cannot become one of PEFT', {
      path: folder,
      expected: 'a soft prompt alone: prompt tuning, or DePT of rank 0',
      got: `${method} of rank ${rank}`,
      remedy:
        'The update A B is added to the word embeddings at each place of the text, and PEFT has no adapter that does that: the ' +
        "prompt alone would behave otherwise. Export with --to dept, for the authors' fork of PEFT, or with --to onnx.",
    });
  }
  if (promptLength > 0) return;
  throw new DeptError('unsupported', 'The adapter has no soft prompt', {
    path: folder,
    expected: 'm above 0',
    got: 'm 0',
  });
}

/**
 * Writes the folder that PEFT reads: PROMPT_TUNING on the encoder, adapter_config.json and adapter_model.safetensors.
 * @throws DeptError 'already-exists', 'unsupported' where there is a low-rank update, or no prompt.
 */
export function writePeftFolder(folder: string, adapter: Adapter): void {
  checkPrompt(adapter);
  const { config } = adapter;
  const known = Object.keys(peftDefaults).filter((name) => config[name] !== undefined);
  const kept = Object.fromEntries(known.map((name) => [name, config[name]]));
  const fields = {
    ...peftDefaults,
    ...kept,
    base_model_name_or_path: config.base_model_name_or_path ?? null,
    inference_mode: true,
    num_transformer_submodules: 1,
    num_virtual_tokens: adapter.promptLength,
    peft_type: 'PROMPT_TUNING',
    task_type: 'SEQ_2_SEQ_LM',
    token_dim: adapter.width,
  };
  writeFolderAtomic(folder, (temporary) => {
    writeAtomic(join(temporary, CONFIG_FILE), configText(fields));
    writeSafetensors(join(temporary, SAFETENSORS_FILE), { [PROMPT]: encoderPrompt(adapter) }, FORMAT);
    writeProjection(temporary, adapter);
  });
}
