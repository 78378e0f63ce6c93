/** Text to token ids and back, from a model folder's tokenizer.json as Hugging Face publishes it. */
import { DeptError } from '../common/errors.ts';
import { type Backend, openBackend } from './backend.ts';
import { readTokenizerFiles, type SpecialToken, type TokenizerFiles } from './tokenizer-files.ts';

export interface EncodeOptions {
  /** Longest result, special tokens included: the text is cut, the special tokens stay, so that EOS remains the last id. */
  readonly maxLength?: number;
  /** Default true. */
  readonly addSpecialTokens?: boolean;
}

export interface DecodeOptions {
  /** Default true. */
  readonly skipSpecialTokens?: boolean;
}

export interface Tokenizer {
  /** Number of ids, added tokens included; a model's embedding may have more rows (T5: 32,100 pieces, 32,128 rows). */
  readonly vocabularySize: number;
  readonly padId: number;
  readonly eosId?: number;
  readonly unkId?: number;
  readonly bosId?: number;
  encode(text: string, options?: EncodeOptions): number[];
  /** Ids without a piece (an embedding's spare rows) are left out, as the tokenizers library does. */
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  idOf(piece: string): number | undefined;
  pieceOf(id: number): string | undefined;
}

/**
 * Reads `tokenizer.json` of a model folder, with `tokenizer_config.json` and `special_tokens_map.json` where present.
 * Spaces before punctuation are cleaned up when decoding, unless the folder's configuration says otherwise: the
 * behaviour that T5 was published with.
 *
 * @throws {DeptError} `not-found` without a tokenizer.json, `bad-file` when one of the files cannot be used.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const files = readTokenizerFiles(folder);
  return new HuggingFaceTokenizer(openBackend(files), files);
}

class HuggingFaceTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  readonly eosId?: number;
  readonly unkId?: number;
  readonly bosId?: number;
  readonly #backend: Backend;
  readonly #before: readonly number[];
  readonly #after: readonly number[];

  constructor(backend: Backend, files: TokenizerFiles) {
    const special = (role: SpecialToken): number | undefined => {
      const piece = files.specialTokens[role];
      if (piece === undefined) return undefined;
      const id = backend.token_to_id(piece);
      if (id !== undefined) return id;
      throw new DeptError('bad-file', `The ${role} is not in the vocabulary`, {
        path: files.path,
        expected: `"${piece}" among the pieces or the added tokens`,
      });
    };
    this.#backend = backend;
    this.vocabularySize = backend.model.vocab.length;
    this.eosId = special('eos_token');
    this.unkId = special('unk_token');
    this.bosId = special('bos_token');
    const padId = special('pad_token') ?? this.eosId;
    if (padId === undefined) {
      throw new DeptError('bad-file', 'This tokenizer names no padding token', {
        path: files.path,
        expected: '"pad_token" (or "eos_token") in tokenizer_config.json or special_tokens_map.json',
      });
    }
    this.padId = padId;
    [this.#before, this.#after] = specialFrame(backend);
  }

  encode(text: string, { maxLength, addSpecialTokens = true }: EncodeOptions = {}): number[] {
    const before = addSpecialTokens ? this.#before : [];
    const after = addSpecialTokens ? this.#after : [];
    const { ids } = this.#backend.encode(text, { add_special_tokens: false });
    if (maxLength === undefined) return [...before, ...ids, ...after];
    const room = maxLength - before.length - after.length;
    if (room < 0) {
      throw new DeptError('bad-input', 'The maximum length leaves no room for the special tokens', {
        expected: `at least ${before.length + after.length}`,
        got: String(maxLength),
      });
    }
    return [...before, ...ids.slice(0, room), ...after];
  }

  decode(ids: Iterable<number>, { skipSpecialTokens = true }: DecodeOptions = {}): string {
    const known = [...ids].filter((id) => this.pieceOf(id) !== undefined);
    if (known.length === 0) return ''; // the library refuses an empty list
    return this.#backend.decode(known, { skip_special_tokens: skipSpecialTokens });
  }

  idOf(piece: string): number | undefined {
    return this.#backend.token_to_id(piece);
  }

  pieceOf(id: number): string | undefined {
    return this.#backend.id_to_token(id);
  }
}

/** The ids that the post-processor puts before and after a text: T5 [] and [EOS], CLIP [BOS] and [EOS]. */
function specialFrame(backend: Backend): [before: number[], after: number[]] {
  const text = '\0'; // stands for the text; no special token is written like this
  const pieces = backend.post_processor?.([text]).tokens ?? [text];
  const ids = (part: readonly string[]): number[] => part.map((piece) => backend.token_to_id(piece)!);
  const at = pieces.indexOf(text);
  return [ids(pieces.slice(0, at)), ids(pieces.slice(at + 1))];
}
