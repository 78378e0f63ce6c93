/**
 * Makes the tokenizers of the bundled models from the words of the scene generator:
 * `node assets/pretraining/build-tokenizers.ts --t5 DIR --clip DIR`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeAtomic, writeJsonAtomic } from '../../engine/common/files.ts';
import { commonWords, vocabularyWords } from '../../engine/data/scenes/vocabulary.ts';
import { clipTokenizerFiles } from './clip-tokenizer.ts';
import { t5TokenizerFiles } from './t5-tokenizer.ts';

const VOCABULARY_SIZE = 2_048;
const CLIP_MAX_LENGTH = 48;

/** All words that get a piece in T5, most frequent first: task prefixes, the generator's, then common English. */
export function bundledWords(): string[] {
  return ['vqa', 'caption', ...vocabularyWords(), ...commonWords];
}

/** Writes tokenizer.json, tokenizer_config.json and special_tokens_map.json. `words`: most frequent first. */
export function writeT5Tokenizer(folder: string, words: readonly string[]): void {
  writeFiles(folder, t5TokenizerFiles(words, VOCABULARY_SIZE));
}

/** The same files, with vocab.json and merges.txt. */
export function writeClipTokenizer(folder: string, words: readonly string[]): void {
  writeFiles(folder, clipTokenizerFiles(words, VOCABULARY_SIZE, CLIP_MAX_LENGTH));
}

function writeFiles(folder: string, files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (typeof content === 'string') writeAtomic(path, content);
    else writeJsonAtomic(path, content);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { t5: { type: 'string' }, clip: { type: 'string' } } });
  const words = bundledWords();
  if (values.t5 !== undefined) writeT5Tokenizer(values.t5, words);
  if (values.clip !== undefined) writeClipTokenizer(values.clip, words);
}
