/** Finds out from the first bytes that matter what kind of dataset file a file is. */
import { extname } from 'node:path';
import { isUsableTable } from './importers/table-row.ts';
import { ROOT_ARRAY, readJsonArrays } from './json-stream.ts';
import type { Format } from './source.ts';

/** What a file is for: a format of its own, or one of the two files of VQA v2. */
export type Role = Exclude<Format, 'vqa-v2'> | 'vqa-questions' | 'vqa-annotations';

export interface Sniffed {
  readonly role?: Role;
  /** What was seen, in words. */
  readonly saw: string;
}

const TABLES: Readonly<Record<string, Role>> = { '.csv': 'csv', '.tsv': 'csv', '.jsonl': 'jsonl', '.ndjson': 'jsonl' };

/** True when the file's name ends as a dataset file's may. */
export function isCandidate(file: string): boolean {
  const extension = extname(file).toLowerCase();
  return extension === '.json' || extension in TABLES;
}

function sniffRootRecord(keys: readonly string[]): Sniffed {
  const saw = `a list of records with ${keys.join(', ')}`;
  if (keys.includes('img_id') && keys.includes('sent')) return { role: 'vlt5-vqa', saw };
  return isUsableTable(keys) ? { role: 'jsonl', saw } : { saw };
}

/** Decides from the first record of each array, reading no further than it must. Throws `not-found` or `bad-file`. */
async function sniffJson(file: string): Promise<Sniffed> {
  let sawImages = false;
  for await (const { array, value } of readJsonArrays(file, [ROOT_ARRAY, 'questions', 'annotations', 'images'])) {
    if (array === 'images' && sawImages) continue;
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    if (array === ROOT_ARRAY) return sniffRootRecord(keys);
    const saw = `"${array}" with ${keys.join(', ')}`;
    if (array === 'questions') return { role: 'vqa-questions', saw };
    if (array === 'annotations') {
      if (keys.includes('answers')) return { role: 'vqa-annotations', saw };
      return keys.includes('caption') ? { role: 'coco-captions', saw } : { saw };
    }
    if (keys.includes('sentences')) return { role: 'karpathy', saw };
    sawImages = true;
  }
  return sawImages ? { role: 'coco-captions', saw: 'images without annotations' } : { saw: 'no records' };
}

/** Tables are told by their ending, JSON files by their content. Throws `not-found` or `bad-file`. */
export async function sniff(file: string): Promise<Sniffed> {
  const extension = extname(file).toLowerCase();
  if (extension === '.json') return sniffJson(file);
  const role = TABLES[extension];
  return role === undefined ? { saw: `a file ending in "${extension}"` } : { role, saw: `a ${extension} file` };
}
