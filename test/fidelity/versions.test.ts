/** The versions that the fidelity table names are those that made the golden files. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pinned } from './row.ts';

const golden = join(import.meta.dirname, '..', 'golden');

/** Made in environments of their own, whose versions the rows read from these files. */
const ownEnvironment = /^(?:clip-resnet-|openai-|loading\/open-clip-|optim\/old-adamw)/;

type Versions = Readonly<Record<string, unknown>>;

/** Of each golden file that says so, the packages that made it. */
const made = globSync('**/*.json', { cwd: golden }).flatMap((file) => {
  const name = file.replaceAll('\\', '/');
  const content = JSON.parse(readFileSync(join(golden, file), 'utf8')) as Versions & { readonly versions?: Versions };
  const versions = content.versions ?? content;
  return 'transformers' in versions && !ownEnvironment.test(name) ? [{ name, versions }] : [];
});

test('there are such files', () => {
  expect(made.length).toBeGreaterThan(20);
});

test.each(made)('$name', ({ versions }) => {
  for (const name of ['torch', 'transformers', 'pillow', 'tokenizers', 'sentencepiece']) {
    if (name in versions) expect(`${name} ${String(versions[name]).replace(/\+.*/, '')}`).toBe(pinned(name));
  }
});
