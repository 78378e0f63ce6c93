/** Synonyms: the sets of meanings (synsets) of WordNet 3.0 that a word belongs to, as METEOR 1.5 looks them up. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Endings of inflected words and what stands in their place in the base form; the first that makes a word of WordNet counts. */
const ENDINGS: readonly (readonly [string, string])[] = [
  ['s', ''],
  ['ses', 's'],
  ['xes', 'x'],
  ['zes', 'z'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['men', 'man'],
  ['ies', 'y'],
  ['es', ''],
  ['ed', 'e'],
  ['ed', ''],
  ['ing', 'e'],
  ['ing', ''],
  ['er', ''],
  ['est', ''],
  ['er', 'e'],
  ['est', 'e'],
];

const NEWLINE = 0x0a;

/** A file of WordNet's words, sorted by their bytes, one a line: `word pos n ... offset_1 .. offset_n`. */
class WordIndex {
  readonly #bytes: Buffer;

  constructor(path: string) {
    this.#bytes = readFileSync(path);
  }

  /** The offsets of a word's synsets; empty for a word that is not there. */
  offsets(word: string): string[] {
    const wanted = Buffer.from(`${word} `);
    let [low, high] = [0, this.#bytes.length];
    while (low < high) {
      const start = this.#bytes.lastIndexOf(NEWLINE, ((low + high) >> 1) - 1) + 1;
      const end = this.#bytes.indexOf(NEWLINE, start);
      const order = wanted.compare(this.#bytes, start, Math.min(start + wanted.length, this.#bytes.length));
      if (order === 0) return lastOffsets(this.#bytes.toString('latin1', start, end));
      if (order < 0) high = start;
      else low = end + 1;
    }
    return [];
  }
}

function lastOffsets(line: string): string[] {
  const fields = line.trimEnd().split(' ');
  return fields.slice(-Number(fields[2]));
}

/** Irregular forms with their base forms; lines that are set in are WordNet's licence. */
function readExceptions(): Map<string, readonly string[]> {
  const lines = readFileSync(new URL('wordnet-exceptions.txt', import.meta.url), 'latin1')
    .trimEnd()
    .split('\n');
  const forms = lines.filter((line) => line !== '' && !line.startsWith(' ')).map((line) => line.split(' '));
  return new Map(forms.map(([form, ...bases]) => [form!, bases]));
}

/** Reads six megabytes when made, and remembers the words it was asked for. */
export class WordNet {
  readonly #indexes: readonly WordIndex[];
  readonly #exceptions = readExceptions();
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor() {
    const { resolve } = createRequire(import.meta.url);
    this.#indexes = ['noun', 'verb', 'adj', 'adv'].map((part) => new WordIndex(resolve(`wordnet/db/index.${part}`)));
  }

  /**
   * Synsets of a word and of its base form, of every part of speech, by their offsets. (METEOR does not ask which part of
   * speech an offset belongs to, so neither does this.)
   * @param word in small letters.
   */
  synsets(word: string): ReadonlySet<string> {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const found = new Set([word, ...this.#bases(word)].flatMap((form) => this.#offsets(form)));
    this.#known.set(word, found);
    return found;
  }

  #offsets(word: string): string[] {
    return this.#indexes.flatMap((index) => index.offsets(word));
  }

  #bases(word: string): readonly string[] {
    const irregular = this.#exceptions.get(word);
    if (irregular !== undefined) return irregular;
    if (word.length <= 2 || word.endsWith('ss')) return [];
    for (const [ending, replacement] of ENDINGS) {
      if (!word.endsWith(ending)) continue;
      const base = word.slice(0, -ending.length) + replacement;
      if (base !== '' && this.#offsets(base).length > 0) return [base];
    }
    return [];
  }
}
