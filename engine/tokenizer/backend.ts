/** The one importer of the tokenizers library: the part of it that we use, typed, and a memory for its slow Unigram search. */
import { Tokenizer } from '@huggingface/tokenizers';
import { DeptError } from '../common/errors.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';

/** The library's own declarations do not resolve in Node's module mode; these are the members that we call. */
export interface Backend {
  readonly model: {
    /** Piece of each id, added tokens included. */
    readonly vocab: readonly (string | undefined)[];
    encode: (words: readonly string[]) => string[];
  };
  readonly post_processor: ((pieces: readonly string[]) => { readonly tokens: readonly string[] }) | null;
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  decode(ids: readonly number[], options: { skip_special_tokens: boolean }): string;
  token_to_id(piece: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

/** @throws {DeptError} `bad-file` when the library cannot build what the files describe. */
export function openBackend({ path, tokenizer, config }: TokenizerFiles): Backend {
  try {
    const backend: Backend = new Tokenizer(tokenizer, config);
    rememberWords(backend.model);
    return backend;
  } catch (cause) {
    throw new DeptError('bad-file', 'This tokenizer.json describes a tokenizer that cannot be built', {
      path,
      expected: 'a Unigram, BPE or WordPiece tokenizer as written by the tokenizers library',
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

const WORDS_REMEMBERED = 100_000;

/** The split of a word depends on nothing else, and a dataset says the same words over and over. */
function rememberWords(model: Backend['model']): void {
  const memory = new Map<string, readonly string[]>();
  const search = model.encode.bind(model);
  const split = (word: string): readonly string[] => {
    let pieces = memory.get(word);
    if (pieces === undefined) {
      pieces = search([word]);
      if (memory.size >= WORDS_REMEMBERED) memory.clear();
      memory.set(word, pieces);
    }
    return pieces;
  };
  model.encode = (words) => words.flatMap(split);
}
