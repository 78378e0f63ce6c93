/** Texts of WordNet, which are always installed: what people wrote about the meanings of words. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** The lines of a data file, split into what comes before the gloss and the gloss. */
const entries = (part: string): [head: string, gloss: string][] =>
  readFileSync(resolve(`wordnet/db/data.${part}`), 'latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map((line) => [line.slice(0, line.indexOf(' | ')), line.slice(line.indexOf(' | ') + 3).trim()]);

/** Every tenth gloss (definitions and example sentences), as `make-ptb.py` takes them. */
export const glosses = (): string[] =>
  ['noun', 'verb', 'adj', 'adv'].flatMap(entries).flatMap(([, gloss], i) => (i % 10 === 0 ? [gloss] : []));

/** Definitions of up to six kinds of a noun, for 1,200 nouns, as `make-captions.py` takes them. */
export function definitions(): string[][] {
  const meaning = new Map<string, string>();
  const kinds: string[][] = [];
  for (const [head, gloss] of entries('noun')) {
    const fields = head.split(' ');
    meaning.set(fields[0]!, gloss.split('; "')[0]!);
    const pointers = fields.slice(5 + 2 * Number.parseInt(fields[3]!, 16));
    const below = pointers.flatMap((field, i) => (i % 4 === 0 && field === '~' ? [pointers[i + 1]!] : []));
    if (below.length >= 4) kinds.push(below.slice(0, 6));
  }
  return kinds.slice(0, 1200).map((offsets) => offsets.map((offset) => meaning.get(offset)!));
}
