/** `datasets/<name>/dataset.json`: what a dataset is, where it came from, and which index file belongs to it. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { withRemedy } from '../common/errors.ts';
import { listFolders } from '../common/folders.ts';
import { readJson } from '../common/json.ts';
import { checkName } from '../common/names.ts';
import { FORMATS } from './source.ts';

const count = z.int().nonnegative();

const sourceFileSchema = z.object({
  /** Absolute. */
  path: z.string(),
  bytes: count,
  /** Time of the last change, ISO 8601. */
  modified: z.string(),
});

/** What one import put into one split for one task; the unit that is added or replaced. */
const partSchema = z.object({
  task: z.enum(['vqa', 'caption']),
  split: z.string(),
  /** Questions or captions. */
  items: count,
  /** SHA-256 over every item with its image's key and path. */
  fingerprint: z.string(),
  format: z.enum(FORMATS),
  sources: z.array(sourceFileSchema),
});

const splitCountsSchema = z.object({
  images: count,
  captions: count,
  questions: count,
  /** Questions that have answers. */
  answered: count,
});

const besideSchema = z.string().regex(/^[\w.-]{1,100}$/, 'expected the name of a file beside this one');

export const datasetInfoSchema = z.object({
  formatVersion: z.literal(1),
  name: z.string(),
  tasks: z.array(z.enum(['vqa', 'caption'])),
  /** File name of the SQLite index beside this file. Each import writes a new one, so that an open one is never touched. */
  index: besideSchema,
  /** Absolute image folders; the index names images relative to them. */
  roots: z.array(z.string()),
  splits: z.record(z.string(), splitCountsSchema),
  parts: z.array(partSchema),
  /** What the list of refusals holds, and its file beside this one; missing in datasets of earlier versions. */
  refused: z
    .object({ total: count, byCode: z.record(z.string(), count.positive()), file: besideSchema.optional() })
    .optional(),
  /** SHA-256 over the parts' fingerprints: changes whenever an item does, but not when the data moves to another folder. */
  fingerprint: z.string(),
});

export type SplitCounts = z.output<typeof splitCountsSchema>;
export type DatasetPart = z.output<typeof partSchema>;
export type DatasetInfo = z.output<typeof datasetInfoSchema>;

export const INFO_FILE = 'dataset.json';

/** The name of the file that lists what was refused; earlier versions always had the same. */
export function refusedFile({ refused }: Pick<DatasetInfo, 'refused'>): string {
  return refused?.file ?? 'refused.jsonl';
}

/** Copies of folders that were dropped onto a page in a browser. */
export function dropsFolder(home: string): string {
  return join(home, 'drops');
}

export function datasetsFolder(home: string): string {
  return join(home, 'datasets');
}

/**
 * Whether nobody has made a dataset here yet: there is no folder for them, or whoever began with the first was killed at it.
 * Where all were removed, there is a folder without any.
 */
export function isWithoutDatasets(home: string): boolean {
  const folder = datasetsFolder(home);
  if (!existsSync(folder)) return true;
  const names = listFolders(folder);
  return names.length > 0 && !names.some((name) => existsSync(join(folder, name, INFO_FILE)));
}

/** The dataset's folder, whether it exists or not. Throws `bad-input` for a name that cannot be a folder's. */
export function datasetFolder(home: string, name: string): string {
  checkName(name, 'dataset');
  return join(datasetsFolder(home), name);
}

/** Undefined where the folder holds no dataset. Throws `bad-file`. */
export function readDatasetInfo(folder: string): DatasetInfo | undefined {
  const path = join(folder, INFO_FILE);
  if (!existsSync(path)) return undefined;
  const info = withRemedy('Remove the dataset and import it again.', () => readJson(path, datasetInfoSchema));
  return { ...info, name: basename(folder) }; // as it is called now
}
