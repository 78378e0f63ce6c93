/** Imported adapters as the faces see them, and what a name of a run or of an adapter stands for. */
import { basename } from 'node:path';
import type { z } from 'zod';
import { type Adapter, readAdapter } from '../adapters/adapter.ts';
import { adaptersFolder, addAdapter, hasAdapter, listAdapters, openAdapter } from '../adapters/library.ts';
import { DeptError } from '../common/errors.ts';
import { listFolders } from '../common/folders.ts';
import { nearest } from '../common/nearest.ts';
import type { AdapterInfo, adapterListSchema, ImportAdapterRequest } from '../contract/adapters.ts';
import type { CheckpointChoice } from '../contract/calls.ts';
import { readT5Config } from '../models/t5/config.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun, runsFolder } from '../runs/run-library.ts';
import { updateScale } from '../tuning/dept.ts';
import { bundledModelsFolder } from '../weights/bundled.ts';
import { elementCount } from '../weights/dtypes.ts';
import { findModel } from '../weights/library.ts';
import { describeModel } from '../weights/model-info.ts';
import { readFloats } from '../weights/safetensors.ts';

type TensorInfo = AdapterInfo['tensors'][number];

function statistics({ weights, tensors }: Adapter): TensorInfo[] {
  return Object.entries(tensors).map(([name, { dtype, shape }]) => {
    const values = readFloats(weights, name);
    let [sum, squares, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      sum += value;
      squares += value * value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    const mean = sum / values.length;
    const spread = Math.sqrt(Math.max(0, squares / values.length - mean * mean));
    return { name, shape: [...shape], dtype, spread, least, most };
  });
}

function remarksOn({ missing, config, promptLength, rank }: Adapter): string[] {
  const remarks: string[] = [];
  if (missing.length > 0) {
    remarks.push(
      `The file holds the prompt alone: A and B of rank ${rank} are missing. A run can start from the prompt, with new A and B; ` +
        'it cannot be exported.',
    );
  }
  if (config.peft_type === 'PROMPT_TUNING' && (config.num_transformer_submodules ?? 2) === 2) {
    remarks.push(
      `Of its ${2 * promptLength} rows the first ${promptLength} are used, as PEFT does: the others were for the decoder.`,
    );
  }
  return remarks;
}

/** Values that are used: m d + (s + d) r, of what is there. */
function usedValues({ tensors, promptLength, width }: Adapter): number {
  const { prompt_embeddings: prompt, ...update } = tensors;
  const low = Object.values(update).reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return (prompt === undefined ? 0 : promptLength * width) + low;
}

export function adapterInfo(name: string, adapter: Adapter): AdapterInfo {
  const { config, rank, alpha, maxTextLength } = adapter;
  const base = config.base_model_name_or_path;
  return {
    name,
    folder: adapter.folder,
    method: adapter.method,
    kind: config.peft_type,
    file: basename(adapter.weights.path),
    promptLength: adapter.promptLength,
    rank,
    ...(maxTextLength !== undefined && { maxTextLength }),
    ...(alpha !== undefined && { scale: updateScale({ alpha, rank }) }),
    width: adapter.width,
    ...(typeof base === 'string' && { base }),
    parameters: usedValues(adapter),
    tensors: statistics(adapter),
    remarks: remarksOn(adapter),
    hasProjection: Object.keys(adapter.projection).length > 0,
  };
}

export function listAdapterInfos(home: string): z.output<typeof adapterListSchema> {
  const { adapters, broken } = listAdapters(home);
  return {
    adapters: adapters.map(({ name, adapter }) => adapterInfo(name, adapter)),
    broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })),
  };
}

/** Throws `bad-input` where the T5 of this name has another width, `not-found` and `bad-config` where it is none. */
function checkFits(home: string, adapter: Adapter, language: string): void {
  const folder = findModel(home, language, bundledModelsFolder());
  const { kind } = describeModel(folder);
  if (kind !== 't5') {
    throw new DeptError('bad-config', `The model '${language}' is not a T5`, {
      path: folder,
      expected: 't5',
      got: kind,
    });
  }
  const { width } = readT5Config(folder);
  if (width === adapter.width) return;
  throw new DeptError('bad-input', `The adapter does not fit the model '${language}'`, {
    path: adapter.folder,
    expected: `an adapter of width ${width}`,
    got: `width ${adapter.width}, trained on ${adapter.config.base_model_name_or_path ?? 'a model it does not name'}`,
  });
}

/** Checks and keeps an adapter. Throws as `addAdapter`, and `bad-input` where it does not fit the model that it shall. */
export async function importAdapter(home: string, request: ImportAdapterRequest): Promise<AdapterInfo> {
  const { folder, name, language } = request;
  if (language !== undefined) checkFits(home, readAdapter(folder), language);
  const kept = await addAdapter(home, folder, name);
  return adapterInfo(kept.name, kept.adapter);
}

/** What a name stands for. */
export interface NamedAdapter {
  /** The adapter's name, or the run's id. */
  readonly name: string;
  /** Of a run's checkpoint. */
  readonly step?: number;
  readonly adapter: Adapter;
}

function openNamed(home: string, name: string): RunFolder {
  try {
    return openRun(home, name);
  } catch (error) {
    if (!(error instanceof DeptError) || error.code !== 'not-found') throw error;
    const [runs, adapters] = [listFolders(runsFolder(home)), listFolders(adaptersFolder(home))];
    const meant = nearest(name, [...adapters, ...runs]);
    throw new DeptError('not-found', `There is no run or imported adapter '${name}'`, {
      expected: `a run: ${runs.slice(-10).join(', ') || 'none yet'}; or an adapter: ${adapters.join(', ') || 'none yet'}`,
      ...(meant !== undefined && { remedy: `Use '${meant}'.` }),
    });
  }
}

/** The adapter of this name, else the checkpoint of the run. Throws `not-found`, and the errors of their files. */
export function findAdapter(home: string, name: string, checkpoint: CheckpointChoice): NamedAdapter {
  if (hasAdapter(home, name)) return { name, adapter: openAdapter(home, name) };
  const run = openNamed(home, name);
  const { step, folder } = run.checkpoints.find(checkpoint);
  return { name: run.id, step, adapter: readAdapter(folder) };
}
