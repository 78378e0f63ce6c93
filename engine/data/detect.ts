/** From the paths that a user names to the sources that are to be read: which files, in which format, for which split. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DeptError, type ErrorDetails } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import { pictureExtension, picturesBelow, picturesIn } from './picture-files.ts';
import { isCandidate, type Role, sniff } from './sniff.ts';
import type { Format, Source } from './source.ts';
import { guessSplit } from './splits.ts';

export type FormatChoice = Format | 'auto';

export interface IgnoredFile {
  readonly path: string;
  readonly reason: string;
}

export interface Detection {
  readonly sources: readonly Source[];
  /** Files in a named folder that were seen and not used. */
  readonly ignored: readonly IgnoredFile[];
}

interface FileWithRole {
  readonly path: string;
  readonly role: Role;
}

const formatOf = (role: Role): Format => (role === 'vqa-questions' || role === 'vqa-annotations' ? 'vqa-v2' : role);

function badInput(message: string, details: ErrorDetails): DeptError {
  return new DeptError('bad-input', message, details);
}

/** The candidate files of a folder, or where it has none itself, of its subfolders. */
function filesOfFolder(folder: string): string[] {
  const candidatesIn = (path: string): string[] => {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && isCandidate(entry.name))
      .map(({ name }) => join(path, name));
  };
  const own = candidatesIn(folder);
  if (own.length > 0) return own.sort();
  const subfolders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return subfolders.flatMap(({ name }) => candidatesIn(join(folder, name))).sort();
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** A file that the user named must be usable; its errors pass through. */
async function roleOfNamedFile(path: string, choice: FormatChoice): Promise<FileWithRole> {
  if (choice === 'csv' || choice === 'jsonl') return { path, role: choice };
  if (choice === 'images') {
    throw new DeptError('bad-input', 'Pictures are imported by the folder', { path, remedy: remedyFor('a.png') });
  }
  const { role, saw } = await sniff(path);
  if (role !== undefined && (choice === 'auto' || formatOf(role) === choice)) return { path, role };
  throw new DeptError('bad-file', 'The file is not of a kind that can be imported', {
    path,
    expected: choice === 'auto' ? 'VQA v2, COCO captions, Karpathy, VL-T5, JSONL or CSV' : choice,
    got: saw,
    remedy: remedyFor(path),
  });
}

function remedyFor(file: string): string {
  if (file.toLowerCase().endsWith('.zip')) return 'Unpack it first.';
  if (pictureExtension(file) !== undefined) return 'Name the folder that holds the pictures.';
  return 'See the formats in the help of the import command.';
}

/** Of a folder's files, those that can be used are; the others are named with the reason. */
async function rolesInFolder(folder: string, choice: FormatChoice, ignored: IgnoredFile[]): Promise<FileWithRole[]> {
  const found: FileWithRole[] = [];
  for (const path of filesOfFolder(folder)) {
    try {
      const { role, saw } = await sniff(path);
      if (role === undefined) ignored.push({ path, reason: `not a dataset: ${saw}` });
      else if (choice !== 'auto' && formatOf(role) !== choice)
        ignored.push({ path, reason: `${formatOf(role)}, not ${choice}` });
      else found.push({ path, role });
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      ignored.push({ path, reason: error.message });
    }
  }
  return found;
}

/** Each questions file with the annotations of the same split; a single one of each belongs together whatever its name. */
function pairVqa(files: readonly FileWithRole[], ignored: IgnoredFile[]): Source[] {
  const pathsOf = (role: Role): string[] => files.filter((file) => file.role === role).map((file) => file.path);
  const questions = pathsOf('vqa-questions');
  const annotations = pathsOf('vqa-annotations');
  const splitOf = (path: string): string => guessSplit(path) ?? 'train';
  const used = new Set<string>();
  const sources = questions.map((path): Source => {
    const split = splitOf(path);
    const alone = questions.length === 1 && annotations.length === 1;
    const mates = alone ? annotations : annotations.filter((mate) => splitOf(mate) === split);
    const rivals = questions.filter((other) => splitOf(other) === split);
    if (mates.length > 1 || rivals.length > 1) {
      const got = [...rivals, ...mates].join(', ');
      throw badInput(`It is not clear which questions and annotations of the split "${split}" belong together`, {
        got,
        remedy: 'Name one questions file and its annotations file.',
      });
    }
    for (const mate of mates) used.add(mate);
    return { format: 'vqa-v2', files: [path, ...mates], split };
  });
  for (const path of annotations) {
    if (!used.has(path)) ignored.push({ path, reason: 'annotations without a questions file of the same split' });
  }
  return sources;
}

async function holdsPictures(folder: string, signal: AbortSignal | undefined): Promise<boolean> {
  for await (const _ of picturesBelow(folder, signal)) return true;
  return false;
}

/** A folder of pictures as one source, or where it holds nothing but folders named like splits, each of those as one. */
async function pictureSources(folder: string, signal: AbortSignal | undefined): Promise<Source[]> {
  const sourceOf = (path: string): Source => {
    return { format: 'images', files: [path], split: guessSplit(basename(path)) ?? 'train' };
  };
  const { folders, pictures } = await picturesIn(folder);
  if (pictures.length > 0) return [sourceOf(folder)];
  const holding: string[] = [];
  for (const name of folders) if (await holdsPictures(join(folder, name), signal)) holding.push(name);
  if (holding.length === 0) return [];
  const areSplits = holding.every((name) => guessSplit(name) !== undefined);
  return areSplits ? holding.map((name) => sourceOf(join(folder, name))) : [sourceOf(folder)];
}

function describe(files: readonly FileWithRole[], ignored: readonly IgnoredFile[]): string {
  const lines = [
    ...files.map(({ path, role }) => `${path}: ${role}`),
    ...ignored.map(({ path, reason }) => `${path}: ${reason}`),
  ];
  return lines.length === 0 ? 'no .json, .jsonl, .csv or .tsv file, and no pictures' : lines.join('; ');
}

/**
 * Looks at files and folders and says what is to be imported. `auto` takes one format at a time; where the files speak of
 * several, or of none, a `bad-input` error lists all that was seen. Pictures alone are what a folder without any file that
 * could be a dataset's holds. Throws `not-found` and `bad-file` for files named singly.
 */
export async function detectSources(
  paths: readonly string[],
  choice: FormatChoice,
  signal?: AbortSignal,
): Promise<Detection> {
  const ignored: IgnoredFile[] = [];
  const files: FileWithRole[] = [];
  const folders: string[] = [];
  for (const path of paths.map((path) => resolve(path))) {
    if (isFolder(path)) folders.push(path);
    else files.push(await roleOfNamedFile(path, choice));
  }
  if (choice !== 'images') {
    for (const folder of folders) files.push(...(await rolesInFolder(folder, choice, ignored)));
  }
  const formats = new Set(files.map(({ role }) => formatOf(role)));
  if (formats.size > 1) {
    throw badInput(`Several kinds of dataset lie together: ${[...formats].join(', ')}`, {
      got: describe(files, ignored),
      remedy: 'Choose the format, or name the files.',
    });
  }
  const single = files.filter(({ role }) => formatOf(role) !== 'vqa-v2');
  const sources = [
    ...pairVqa(files, ignored),
    ...single.map(
      ({ path, role }): Source => ({ format: formatOf(role), files: [path], split: guessSplit(path) ?? 'train' }),
    ),
  ];
  if (sources.length === 0 && (choice === 'images' || (choice === 'auto' && ignored.length === 0))) {
    for (const folder of folders) sources.push(...(await pictureSources(folder, signal)));
  }
  if (sources.length === 0) {
    throw badInput('No dataset was found', {
      path: paths.join(', '),
      got: describe([], ignored),
      ...(ignored.length > 0 && { remedy: 'If only the pictures are meant, choose the format "images".' }),
    });
  }
  return { sources, ignored };
}

/** Narrows the sources to one split, or gives that split's name to the only source. Throws `bad-input`. */
export function chooseSplit(sources: readonly Source[], split: string | undefined): readonly Source[] {
  if (split === undefined) return sources;
  if (sources.length === 1) return [{ ...sources[0]!, split }];
  const chosen = sources.filter((source) => source.split === split);
  if (chosen.length > 0) return chosen;
  const got = [...new Set(sources.map((source) => source.split))].join(', ');
  throw badInput(`None of the files is of the split "${split}"`, { got, remedy: 'Name the files of that split.' });
}
