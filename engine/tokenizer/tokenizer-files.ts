/** Reads a model folder's tokenizer files and settles which pieces are the special tokens. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';

const piece = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);
const settingsSchema = z.looseObject({
  pad_token: piece.nullish(),
  eos_token: piece.nullish(),
  unk_token: piece.nullish(),
  bos_token: piece.nullish(),
});

const component = z.looseObject({}).nullable();
const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })),
  normalizer: component,
  pre_tokenizer: component,
  model: z.looseObject({ vocab: z.union([z.array(z.unknown()), z.record(z.string(), z.int())]) }),
  post_processor: component,
  decoder: component,
});

/** What each special token is called where a folder has nothing but tokenizer.json: the names of T5 and of CLIP. */
const USUAL_NAMES = {
  pad_token: ['<pad>', '<|endoftext|>'],
  eos_token: ['</s>', '<|endoftext|>'],
  unk_token: ['<unk>', '<|endoftext|>'],
  bos_token: ['<|startoftext|>'],
};
export type SpecialToken = keyof typeof USUAL_NAMES;

export interface TokenizerFiles {
  /** Where tokenizer.json lies, for errors. */
  readonly path: string;
  readonly tokenizer: z.output<typeof tokenizerSchema>;
  readonly config: z.output<typeof settingsSchema>;
  readonly specialTokens: Readonly<Record<SpecialToken, string | undefined>>;
}

/** @throws {DeptError} `not-found` or `bad-file`. */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) {
    throw new DeptError('not-found', 'This folder has no tokenizer.json', {
      path: folder,
      expected: 'tokenizer.json, as the tokenizers library writes it',
      remedy: "Download tokenizer.json of the same model, or let transformers write one (tokenizer's save_pretrained)",
    });
  }
  const tokenizer = readJson(path, tokenizerSchema);
  const config = {
    ...readSettings(join(folder, 'special_tokens_map.json')),
    ...readSettings(join(folder, 'tokenizer_config.json')),
  };
  const added = new Set(tokenizer.added_tokens.map((token) => token.content));
  const named = (role: SpecialToken): string | undefined =>
    config[role] ?? USUAL_NAMES[role].find((name) => added.has(name));
  const specialTokens = {
    pad_token: named('pad_token'),
    eos_token: named('eos_token'),
    unk_token: named('unk_token'),
    bos_token: named('bos_token'),
  };
  return { path, tokenizer, config, specialTokens };
}

function readSettings(path: string): z.output<typeof settingsSchema> {
  return existsSync(path) ? readJson(path, settingsSchema) : {};
}
