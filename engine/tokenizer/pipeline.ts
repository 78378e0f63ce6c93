/** The steps of a tokenizer.json, put together: added tokens, normalizer, pre-tokenizer, model; and the decoder for the way back. */
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { tokenSplitter } from './added-tokens.ts';
import { bpe } from './bpe.ts';
import { type Builders, build } from './component.ts';
import { buildDecoder } from './decoder.ts';
import { type Model, rememberingWords } from './model.ts';
import { buildNormalizer } from './normalizer.ts';
import { buildFrame, type Frame } from './post-processor.ts';
import { buildPreTokenizer } from './pre-tokenizer.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';
import { unigram } from './unigram.ts';

export interface Pipeline {
  /** Piece of each id, added tokens included. */
  readonly pieces: readonly (string | undefined)[];
  /** Left out of decoded text on request. */
  readonly special: ReadonlySet<string>;
  readonly frame: Frame;
  idOf(piece: string): number | undefined;
  /** Without the frame. */
  encode(text: string): number[];
  decode(pieces: readonly string[]): string;
}

/** @throws {DeptError} `bad-file` when a step is not known, or its options are not. */
export function openPipeline({ path, tokenizer }: TokenizerFiles): Pipeline {
  try {
    return buildPipeline(tokenizer);
  } catch (cause) {
    throw new DeptError('bad-file', 'This tokenizer.json describes a tokenizer that cannot be built', {
      path,
      expected: "the parts that T5's and CLIP's tokenizers are made of, as the tokenizers library writes them",
      got: cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message,
      remedy: 'Take the tokenizer.json that was published with a T5 or a CLIP.',
      cause,
    });
  }
}

const models: Builders<Model> = { Unigram: unigram, BPE: bpe };

function buildPipeline(file: TokenizerFiles['tokenizer']): Pipeline {
  const normalize = buildNormalizer(file.normalizer);
  const split = buildPreTokenizer(file.pre_tokenizer);
  const model = rememberingWords(build('model', models, file.model));
  const added = new Map(file.added_tokens.map((token) => [token.content, model.idOf(token.content) ?? token.id]));
  const tokens = file.added_tokens.map((token) => ({ ...token, id: added.get(token.content)! }));
  const pieces = [...model.pieces];
  for (const { id, content, normalized } of tokens) pieces[id] = normalized ? normalize(content) : content;
  const asWritten = tokenSplitter(tokens.filter((token) => !token.normalized));
  const asNormalized = tokenSplitter(
    tokens.filter((token) => token.normalized),
    normalize,
  );
  const frame = buildFrame(file.post_processor);
  const outside = [...frame.before, ...frame.after].find((id) => id >= pieces.length);
  if (outside !== undefined) throw new Error(`the id ${outside} of the post-processor outside the vocabulary`);
  return {
    pieces,
    special: new Set(tokens.filter((token) => token.special).map((token) => token.content)),
    frame,
    idOf: (piece) => added.get(piece) ?? model.idOf(piece),
    encode: (text) =>
      asWritten(text).flatMap(({ text, start, id }) =>
        id !== undefined
          ? [id]
          : asNormalized(normalize(text)).flatMap((part) =>
              part.id !== undefined
                ? [part.id]
                : split({ text: part.text, first: start + part.start === 0 }).flatMap((word) =>
                    model.encode(word.text),
                  ),
            ),
      ),
    decode: buildDecoder(file.decoder),
  };
}
