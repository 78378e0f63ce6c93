/** Text to token ids and back, from a model folder's tokenizer.json as Hugging Face publishes it. */
import { DeptError } from '../common/errors.ts';
import { cleanUpSpaces } from './decoder.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
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
  /**
   * Takes out the spaces before English punctuation and contractions. Default: what the folder's configuration says, else no.
   * Without effect after byte-pair encoding, whose pieces bring no such spaces.
   */
  readonly cleanUp?: boolean;
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
 * Reads `tokenizer.json` of a model folder, or else a T5's `spiece.model`, with `tokenizer_config.json` and `special_tokens_map.json` where present. Ids and texts
 * are those of `AutoTokenizer` of transformers 5.23 for the same folder. Where others give something else, this is why:
 *
 * - Special tokens in a text, such as `</s>`, are these tokens. To sentencepiece they are letters like any other.
 * - sentencepiece sums scores in single precision, so a tie between two splits, or what is nearly one, can go the other way.
 * - A mark or joiner is dropped where T5's normalisation has a rule for what stands before it but not for both (see charsmap.ts),
 *   and U+0085 is white space. Neither is so in sentencepiece.
 * - transformers 4 cleaned up spaces in decoded text unless told otherwise; transformers 5 only where the folder's configuration
 *   says so, and never after byte-pair encoding.
 * - Half a surrogate pair, which Python's text cannot hold, is read as U+FFFD.
 *
 * @throws {DeptError} `not-found` without either, `bad-file` or `unsupported` when one of the files cannot be used.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const files = readTokenizerFiles(folder);
  return new HuggingFaceTokenizer(openPipeline(files), files);
}

class HuggingFaceTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  readonly eosId?: number;
  readonly unkId?: number;
  readonly bosId?: number;
  readonly #pipeline: Pipeline;
  readonly #cleanUp: boolean;
  readonly #isBpe: boolean;

  constructor(pipeline: Pipeline, files: TokenizerFiles) {
    const special = (role: SpecialToken): number | undefined => {
      const piece = files.specialTokens[role];
      if (piece === undefined) return undefined;
      const id = pipeline.idOf(piece);
      if (id !== undefined) return id;
      throw new DeptError('bad-file', `The ${role} is not in the vocabulary`, {
        path: files.path,
        expected: `"${piece}" among the pieces or the added tokens`,
      });
    };
    this.#pipeline = pipeline;
    this.#cleanUp = files.cleanUp;
    this.#isBpe = files.tokenizer.model.type === 'BPE';
    this.vocabularySize = pipeline.pieces.length;
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
  }

  encode(text: string, { maxLength, addSpecialTokens = true }: EncodeOptions = {}): number[] {
    const { before, after } = addSpecialTokens ? this.#pipeline.frame : { before: [], after: [] };
    const ids = this.#pipeline.encode(text.toWellFormed());
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

  decode(ids: Iterable<number>, { skipSpecialTokens = true, cleanUp = this.#cleanUp }: DecodeOptions = {}): string {
    const { special } = this.#pipeline;
    const pieces = Array.from(ids, (id) => this.pieceOf(id)).filter((piece) => piece !== undefined);
    const text = this.#pipeline.decode(skipSpecialTokens ? pieces.filter((piece) => !special.has(piece)) : pieces);
    return cleanUp && !this.#isBpe ? cleanUpSpaces(text) : text;
  }

  idOf(piece: string): number | undefined {
    return this.#pipeline.idOf(piece);
  }

  pieceOf(id: number): string | undefined {
    return this.#pipeline.pieces[id];
  }
}
