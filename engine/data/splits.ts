/** Names of splits: one spelling for each of the usual three, and the guess from a file's name. */
import { basename, dirname } from 'node:path';
import { DeptError } from '../common/errors.ts';

const SPELLINGS: Readonly<Record<string, string>> = {
  training: 'train',
  validation: 'val',
  valid: 'val',
  dev: 'val',
  testing: 'test',
};

/** The name under which a split is kept, or undefined where the text cannot be one (it becomes part of image ids). */
export function normaliseSplit(text: string): string | undefined {
  const name = text.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) ? (SPELLINGS[name] ?? name) : undefined;
}

/** `normaliseSplit` for a name that the user gave. Throws `bad-input`. */
export function checkSplit(text: string): string {
  const name = normaliseSplit(text);
  if (name !== undefined) return name;
  const expected = 'letters, digits, ".", "_" and "-", such as train, val or test';
  throw new DeptError('bad-input', 'Not a name for a split', { expected, got: text });
}

const SPLIT_IN_NAME =
  /(?<![a-z])(test-dev|test-std|train|training|validation|valid|val|dev|test|testing)(\d{4})?(?![a-z0-9])/i;

/** The split that a file's name or its folder's name speaks of: `captions_val2014.json`, `train/metadata.csv`. */
export function guessSplit(file: string): string | undefined {
  for (const name of [basename(file), basename(dirname(file))]) {
    const match = SPLIT_IN_NAME.exec(name);
    if (match !== null) return normaliseSplit(match[1]!);
  }
  return undefined;
}

const USUAL_ORDER = ['train', 'val', 'test'];

/** For sorting: train, val, test, then the others by name. */
export function compareSplits(a: string, b: string): number {
  const rank = (split: string): number =>
    USUAL_ORDER.includes(split) ? USUAL_ORDER.indexOf(split) : USUAL_ORDER.length;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
