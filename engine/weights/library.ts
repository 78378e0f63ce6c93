/** The model library: `<home>/models/<name>/` holds each model's files as published; bundled models are found as well. */
import { constants, existsSync, realpathSync, statSync } from 'node:fs';
import { copyFile, link, readdir } from 'node:fs/promises';
import { basename, join, parse, resolve } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { statOf, writeJsonAtomic } from '../common/files.ts';
import { commitFolder, fillFolderAtomic, listFolders, removeFolderAtomic, removeLeftovers } from '../common/folders.ts';
import { checkName } from '../common/names.ts';
import { nearest } from '../common/nearest.ts';
import { openCheckpoint, readHeader } from './checkpoint.ts';
import { isModelFolder, OPEN_CLIP_CONFIG_FILE, openClipWeightsFile } from './layout.ts';
import { describeModel, type ModelInfo, missingFiles } from './model-info.ts';
import { configOfWeights } from './openai-config.ts';

export interface LibraryModel extends ModelInfo {
  /** Ships with the program and cannot be removed. */
  readonly bundled: boolean;
}

export interface ModelList {
  readonly models: readonly LibraryModel[];
  /** Folders that are there but cannot be used, with the reason. */
  readonly broken: readonly { readonly name: string; readonly error: DeptError }[];
}

export function modelsFolder(home: string): string {
  return join(home, 'models');
}

/** All models by name. An installed model hides a bundled one of the same name. */
export function listModels(home: string, bundledFolder?: string): ModelList {
  const models: LibraryModel[] = [];
  const broken: { name: string; error: DeptError }[] = [];
  const installed = listFolders(modelsFolder(home));
  const bundled = bundledFolder === undefined ? [] : listFolders(bundledFolder);
  for (const name of [...new Set([...installed, ...bundled])].sort()) {
    try {
      models.push(showModel(home, name, bundledFolder));
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ name, error });
    }
  }
  return { models, broken };
}

/** The folder of a model given by its name in the library, its bundled name, or the path of a folder. Throws `not-found`. */
export function findModel(home: string, nameOrPath: string, bundledFolder?: string): string {
  const parents = [modelsFolder(home), ...(bundledFolder === undefined ? [] : [bundledFolder])];
  for (const parent of parents) {
    if (listFolders(parent).includes(nameOrPath)) return join(parent, nameOrPath);
  }
  if (isModelFolder(nameOrPath)) return resolve(nameOrPath);

  const known = [...new Set(parents.flatMap(listFolders))];
  const meant = nearest(nameOrPath, known);
  throw new DeptError('not-found', `There is no model '${nameOrPath}'`, {
    expected: known.length === 0 ? 'the path of a model folder (the library is empty)' : known.join(', '),
    remedy: meant === undefined ? 'Add the model to the library, or give the path of its folder.' : `Use '${meant}'.`,
  });
}

/** One model in full. Throws `not-found`, or the errors of its files. */
export function showModel(home: string, nameOrPath: string, bundledFolder?: string): LibraryModel {
  const folder = findModel(home, nameOrPath, bundledFolder);
  const bundled = bundledFolder !== undefined && folder === join(bundledFolder, nameOrPath);
  return { ...describeModel(folder), bundled };
}

/** Throws `bad-input`, naming every file that is missing. */
function checkComplete(folder: string): void {
  const missing = missingFiles(folder);
  if (missing.length === 0) return;
  throw new DeptError('bad-input', 'The folder is not a complete model', {
    path: folder,
    expected:
      'config.json, model.safetensors or pytorch_model.bin, and tokenizer.json or spiece.model (T5) or preprocessor_config.json (CLIP); ' +
      "in open_clip's layout open_clip_config.json, and open_clip_model.safetensors or open_clip_pytorch_model.bin",
    got: `no ${missing.join(', no ')}`,
    remedy: 'Add the missing files from the place where the model was published.',
  });
}

/** Beside the weights: configuration, tokenizer, licence. Weights in other formats stay behind. */
const KEPT_FILES = /\.(json|txt|md|model)$|^licen[cs]e/i;

/** Weights are hard links where the file system allows it: no second copy of gigabytes. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const source = realpathSync(from); // a download cache holds symbolic links
  try {
    await link(source, to);
  } catch {
    await copyFile(source, to, constants.COPYFILE_FICLONE);
  }
}

/** Puts a model's files into a new, empty folder. */
type Fill = (target: string) => Promise<void>;

function fromFolder(folder: string): Fill {
  checkComplete(folder);
  const weights = new Set(openCheckpoint(folder).files.map(({ path }) => basename(path)));
  return async (target) => {
    for (const file of await readdir(folder)) {
      const from = join(folder, file);
      if (!statSync(from, { throwIfNoEntry: false })?.isFile()) continue;
      if (weights.has(file)) await linkOrCopy(from, join(target, file));
      else if (KEPT_FILES.test(file)) await copyFile(from, join(target, file), constants.COPYFILE_FICLONE);
    }
  };
}

/** OpenAI published a CLIP as one file: it goes into a folder in open_clip's layout, with the config that follows from it. */
function fromFile(file: string): Fill {
  const config = configOfWeights(readHeader(file));
  return async (target) => {
    await linkOrCopy(file, join(target, openClipWeightsFile(file)));
    writeJsonAtomic(join(target, OPEN_CLIP_CONFIG_FILE), config);
  };
}

/** Throws `already-exists`. */
export function checkNameIsFree(home: string, name: string): void {
  const target = join(modelsFolder(home), name);
  if (!existsSync(target)) return;
  throw new DeptError('already-exists', `There is a model '${name}' already`, {
    path: target,
    remedy: 'Remove it first, or give the new one another name.',
  });
}

/**
 * Makes a model folder that lies on the library's disk, all of it ours, a part of the library: by its new name alone.
 * Throws as `addModel`.
 */
export function adoptModel(home: string, folder: string, name: string): LibraryModel {
  checkName(name, 'model');
  checkComplete(folder);
  describeModel(folder);
  checkNameIsFree(home, name);
  removeLeftovers(modelsFolder(home));
  commitFolder(folder, join(modelsFolder(home), name));
  return showModel(home, name);
}

/**
 * Takes a model folder, or a CLIP in one file, into the library under `name` (by default its own). It appears whole or not at all.
 * Throws `not-found`, `bad-input` (incomplete, bad name), `already-exists`, and the errors of the model's files.
 */
export async function addModel(home: string, path: string, name?: string): Promise<LibraryModel> {
  const stats = statOf(path);
  if (stats === undefined) throw new DeptError('not-found', 'There is no such folder', { path });
  const own = basename(resolve(path));
  const chosen = name ?? (stats.isDirectory() ? own : parse(own).name);
  checkName(chosen, 'model');
  const fill = stats.isDirectory() ? fromFolder(path) : fromFile(path);
  const target = join(modelsFolder(home), chosen);
  checkNameIsFree(home, chosen);
  removeLeftovers(modelsFolder(home));
  await fillFolderAtomic(target, async (temporary) => {
    await fill(temporary);
    describeModel(temporary);
  });
  return showModel(home, chosen);
}

/** Removes an installed model. Throws `not-found`; bundled models are not in the library folder and stay. */
export function removeModel(home: string, name: string): void {
  const installed = listFolders(modelsFolder(home));
  if (!installed.includes(name)) {
    throw new DeptError('not-found', `No model '${name}' is installed`, {
      expected: installed.length === 0 ? 'a model of the library (it is empty)' : installed.join(', '),
    });
  }
  removeFolderAtomic(join(modelsFolder(home), name));
}
