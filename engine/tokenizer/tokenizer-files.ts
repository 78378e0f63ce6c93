/** Reads a model folder's tokenizer files and settles which pieces are the special tokens. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import { readSentencePiece } from './sentencepiece-model.ts';
import { type TokenizerJson, tokenizerJsonSchema } from './tokenizer-json.ts';
import { asTransformersClass } from './transformers-class.ts';

const piece = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);
const settingsSchema = z.looseObject({
  pad_token: piece.nullish(),
  eos_token: piece.nullish(),
  unk_token: piece.nullish(),
  bos_token: piece.nullish(),
  tokenizer_class: z.string().nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  /** Of a T5: tokens behind its pieces, where these come from a spiece.model. */
  extra_ids: z.int().nonnegative().max(100_000).optional(),
});

const SENTENCEPIECE = 'spiece.model';
/** The first that is there counts. */
const VOCABULARIES = ['tokenizer.json', SENTENCEPIECE];
const T5_CLASS = 'T5Tokenizer';
/** T5Tokenizer's own default. */
const EXTRA_IDS = 100;

/** What each special token is called where a folder has nothing but tokenizer.json: the names of T5 and of CLIP. */
const USUAL_NAMES = {
  pad_token: ['<pad>', '<|endoftext|>'],
  eos_token: ['</s>', '<|endoftext|>'],
  unk_token: ['<unk>', '<|endoftext|>'],
  bos_token: ['<|startoftext|>'],
};
export type SpecialToken = keyof typeof USUAL_NAMES;

export interface TokenizerFiles {
  /** The file of the vocabulary, for errors. */
  readonly path: string;
  /** As transformers uses it. */
  readonly tokenizer: TokenizerJson;
  /** Whether decoding takes out the spaces before punctuation where the caller does not say. */
  readonly cleanUp: boolean;
  readonly specialTokens: Readonly<Record<SpecialToken, string | undefined>>;
}

/** The file that holds a folder's vocabulary. Throws `not-found`. */
export function tokenizerFile(folder: string): string {
  const path = VOCABULARIES.map((name) => join(folder, name)).find(existsSync);
  if (path !== undefined) return path;
  throw new DeptError('not-found', 'This folder has no tokenizer.json', {
    path: folder,
    expected: 'tokenizer.json, as the tokenizers library writes it, or the spiece.model of a T5',
    remedy: "Download tokenizer.json of the same model, or let transformers write one (tokenizer's save_pretrained)",
  });
}

/** @throws {DeptError} `not-found`, `bad-file`, or `unsupported` for a spiece.model that is not a T5's. */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const path = tokenizerFile(folder);
  const config = {
    ...readSettings(join(folder, 'special_tokens_map.json')),
    ...readSettings(join(folder, 'tokenizer_config.json')),
  };
  const tokenizer = path.endsWith(SENTENCEPIECE)
    ? asTransformersClass(readSentencePiece(path, config.extra_ids ?? EXTRA_IDS), T5_CLASS)
    : asTransformersClass(readJson(path, tokenizerJsonSchema), config.tokenizer_class ?? classOfModel(folder));
  const added = new Set(tokenizer.added_tokens.map((token) => token.content));
  const named = (role: SpecialToken): string | undefined =>
    config[role] ?? USUAL_NAMES[role].find((name) => added.has(name));
  const specialTokens = {
    pad_token: named('pad_token'),
    eos_token: named('eos_token'),
    unk_token: named('unk_token'),
    bos_token: named('bos_token'),
  };
  return { path, tokenizer, cleanUp: config.clean_up_tokenization_spaces ?? false, specialTokens };
}

function readSettings(path: string): z.output<typeof settingsSchema> {
  return existsSync(path) ? readJson(path, settingsSchema) : {};
}

const configSchema = z.looseObject({ model_type: z.string().nullish() });
const CLASS_OF_MODEL: ReadonlyMap<string, string> = new Map([
  ['t5', T5_CLASS],
  ['mt5', T5_CLASS],
  ['clip', 'CLIPTokenizer'],
]);

/** Where tokenizer_config.json names no class, transformers goes by the model's own config.json. */
function classOfModel(folder: string): string | undefined {
  const path = join(folder, 'config.json');
  return existsSync(path) ? CLASS_OF_MODEL.get(readJson(path, configSchema).model_type ?? '') : undefined;
}
