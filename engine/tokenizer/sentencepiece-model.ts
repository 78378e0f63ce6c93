/**
 * T5's vocabulary as sentencepiece wrote it (`spiece.model`), for folders without a tokenizer.json, such as those of T5 v1.1: what
 * `T5Tokenizer` of transformers makes of it. Field numbers from sentencepiece_model.proto.
 */
import { DeptError } from '../common/errors.ts';
import { readBytes } from '../common/files.ts';
import { fieldsOf } from '../onnx/wire-reader.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** ModelProto, SentencePiece, TrainerSpec, NormalizerSpec. */
const PIECES = 1;
const TRAINER = 2;
const NORMALIZER = 3;
const PIECE = 1;
const SCORE = 2;
const PIECE_TYPE = 3;
const MODEL_TYPE = 3;
const CHARSMAP = 2;

const UNIGRAM = 1;
const [NORMAL, UNKNOWN, CONTROL] = [1, 2, 3];
const EOS = '</s>';

interface Piece {
  readonly content: string;
  readonly score: number;
  readonly type: number;
}

function pieceOf(message: Uint8Array): Piece {
  let [content, score, type] = ['', 0, NORMAL];
  for (const field of fieldsOf(message)) {
    if (field.number === PIECE) content = field.string();
    else if (field.number === SCORE) score = field.float();
    else if (field.number === PIECE_TYPE) type = field.number53();
  }
  return { content, score, type };
}

function readModel(bytes: Uint8Array): { pieces: Piece[]; modelType: number; charsmap: Uint8Array } {
  const pieces: Piece[] = [];
  let modelType = UNIGRAM;
  let charsmap = new Uint8Array();
  for (const field of fieldsOf(bytes)) {
    if (field.number === PIECES) pieces.push(pieceOf(field.bytes()));
    else if (field.number === TRAINER) {
      for (const own of fieldsOf(field.bytes())) if (own.number === MODEL_TYPE) modelType = own.number53();
    } else if (field.number === NORMALIZER) {
      for (const own of fieldsOf(field.bytes())) if (own.number === CHARSMAP) charsmap = Uint8Array.from(own.bytes());
    }
  }
  return { pieces, modelType, charsmap };
}

/**
 * As the tokenizers library writes it, with `extraIds` tokens `<extra_id_N>` behind the pieces, the last number first.
 * @throws {DeptError} `not-found`, `bad-file`, `unsupported` for another kind of sentencepiece model than T5's.
 */
export function readSentencePiece(path: string, extraIds: number): TokenizerJson {
  const bytes = readBytes(path);
  let read: ReturnType<typeof readModel>;
  try {
    read = readModel(bytes);
  } catch (cause) {
    if (!(cause instanceof DeptError)) throw cause;
    throw new DeptError('bad-file', 'Not a valid sentencepiece model', { path, got: cause.details.got ?? '', cause });
  }
  const { pieces, modelType, charsmap } = read;
  const unknown = pieces.findIndex(({ type }) => type === UNKNOWN);
  const eos = pieces.findIndex(({ content }) => content === EOS);
  if (modelType !== UNIGRAM || unknown < 0 || eos < 0) {
    throw new DeptError('unsupported', 'This sentencepiece model is not one of a T5', {
      path,
      expected: `a unigram model with an unknown piece and ${EOS}`,
      got: `model type ${modelType}, ${pieces.length} pieces`,
    });
  }
  const extra = Array.from({ length: extraIds }, (_, i) => `<extra_id_${extraIds - 1 - i}>`);
  const special = pieces.flatMap(({ content, type }, id) =>
    type === CONTROL || type === UNKNOWN ? [{ id, content }] : [],
  );
  const behind = extra.map((content, i) => ({ id: pieces.length + i, content }));
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    added_tokens: [...special, ...behind].map((token) => ({ ...token, ...plain })),
    normalizer:
      charsmap.length === 0
        ? null
        : { type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') },
    pre_tokenizer: null, // the class has its own, and a decoder
    model: {
      type: 'Unigram',
      unk_id: unknown,
      vocab: [...pieces.map(({ content, score }) => [content, score]), ...extra.map((content) => [content, 0])],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: EOS, type_id: 0 } }],
      special_tokens: { [EOS]: { id: EOS, ids: [eos], tokens: [EOS] } },
    },
    decoder: null,
  };
}
