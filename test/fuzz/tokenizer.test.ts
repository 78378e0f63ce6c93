/** tokenizer.json of every kind that there is, changed: a tokenizer whose ids are its own, or a refusal. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { parts } from '../tokenizer/reference.ts';
import { damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const folders = [...parts.parts, ...parts.folders].map(({ files }) => files);
const tokenizers = folders.map((files) => JSON.parse(files['tokenizer.json']!) as unknown);
const settings = folders.flatMap((files) => Object.entries(files).filter(([name]) => name !== 'tokenizer.json'));

/** Ids that the tokenizer has pieces for, and a text that they are. */
function use(): void {
  const tokenizer = loadTokenizer(scratch.path);
  for (const text of ['', 'ab .  bc , <x> </s>', 'caf\u00e9 \ud800 \u{1f642}\0']) {
    const ids = tokenizer.encode(text);
    for (const id of ids) {
      expect(Number.isSafeInteger(id)).toBe(true);
      expect(id).toBeLessThan(tokenizer.vocabularySize);
    }
    expect(tokenizer.decode(ids)).toBeTypeOf('string');
    expect(tokenizer.decode([0, 5, 1e9, -1, 0.5])).toBeTypeOf('string');
  }
}

hunt('tokenizer.json', {
  runs: 250,
  inputs: damagedJson(tokenizers),
  read: (text) => {
    scratch.write('tokenizer.json', text);
    use();
  },
});

hunt('the settings beside it', {
  runs: 100,
  inputs: fc
    .constantFrom(...settings)
    .chain(([name, text]) => damagedJson([JSON.parse(text)]).map((changed) => [name, changed] as const)),
  read: ([name, text]) => {
    scratch.write('tokenizer.json', JSON.stringify(tokenizers.at(-1)));
    const path = scratch.write(name, text);
    try {
      use();
    } finally {
      rmSync(path);
    }
  },
});
