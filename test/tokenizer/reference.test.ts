/**
 * Tokenizers against transformers and sentencepiece: T5 and CLIP as published, and the bundled ones. Where the two references
 * disagree the engine is with transformers; loadTokenizer's description says on what, `bySentencePiece.examples` has texts for it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { compared, type Differences, pinned } from '../fidelity/compared.ts';
import {
  anyText,
  checksum,
  type Folder,
  Generator,
  haveT5,
  idList,
  type Name,
  oddText,
  openTokenizer,
  parts,
  realLines,
  reference,
  rows,
} from './reference.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dept-tokenizer-reference-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const { names, atoms, specialAtoms, checksums, bySentencePiece } = reference;
const opened = new Map<Name, Tokenizer>();
function tokenizerOf(name: Name): Tokenizer {
  const tokenizer = opened.get(name) ?? openTokenizer(name, scratch);
  opened.set(name, tokenizer);
  return tokenizer;
}

const lines = realLines();
const texts = (seed: number, make: typeof oddText, from: readonly string[]): string[] => {
  const generator = new Generator(seed);
  return rows(checksums.odd, names.length).map(() => make(generator, from));
};
const odd = texts(1, oddText, [...atoms, ...specialAtoms]);
const any = texts(2, anyText, atoms);
/** Without what sentencepiece reads differently. */
const plain = texts(
  5,
  oddText,
  atoms.filter((atom) => !/[\p{M}\p{Join_Control}\uff9e\u0085]/u.test(atom)),
);

/** The six ways in which ids were decoded. */
const decoded = (tokenizer: Tokenizer, ids: readonly number[]): string[] =>
  [false, true].flatMap((skipSpecialTokens) =>
    [undefined, false, true].map((cleanUp) => tokenizer.decode(ids, { skipSpecialTokens, cleanUp })),
  );

/** Marks and letters that Unicode got after version 9 are unknown to tokenizers' NFC and NFKD (see normalizer.ts), but not T5's charsmap. */
const NEWER_UNICODE = 0.001;

describe.each<{ called: string; of: readonly Name[]; newer: number }>([
  { called: 'T5', of: ['t5'], newer: 0 },
  { called: 'CLIP', of: ['clip'], newer: NEWER_UNICODE },
  { called: 'bundled tokenizers', of: ['scenes-t5', 'scenes-clip'], newer: NEWER_UNICODE },
])('$called', ({ called, of, newer }) => {
  type Compare = (tokenizer: Tokenizer, differences: Differences, name: Name, column: number) => void;
  const row = (what: string, compare: Compare, allowed = 0): void =>
    compared(
      {
        area: 'Tokenizers',
        what: `${called}, ${what}`,
        against: pinned('transformers'),
        measure: 'identical',
        allowed,
        skip: of.includes('t5') && !haveT5,
      },
      (differences) => {
        for (const name of of) compare(tokenizerOf(name), differences, name, names.indexOf(name));
      },
    );

  row('ids of real lines in many languages', (tokenizer, differences, name, column) => {
    const before = differences.cases;
    for (const [sum, ...sums] of rows(checksums.lines, names.length + 1)) {
      const line = lines.get(sum!); // one of another version of its package is not here
      if (line !== undefined) differences.same(checksum(tokenizer.encode(line)), sums[column], line);
    }
    expect(differences.cases - before, name).toBeGreaterThan(5000);
  });

  row('ids of odd and of long texts, whole and cut', (tokenizer, differences, name, column) => {
    const lengths = new Generator(3);
    const [whole, cut] = [rows(checksums.odd, names.length), rows(checksums.truncated, names.length)];
    odd.forEach((text, i) => {
      const label = JSON.stringify(text);
      const maxLength = 2 + lengths.below(12);
      differences.same(checksum(tokenizer.encode(text)), whole[i]![column], label);
      differences.same(checksum(tokenizer.encode(text, { maxLength })), cut[i]![column], `${label}, ${maxLength}`);
    });
    for (const { unit, count, ids } of reference.longRuns) {
      differences.same(checksum(tokenizer.encode(unit.repeat(count))), ids[name], `${count} times ${unit}`);
    }
    for (const { text, [name]: expected } of reference.cases) {
      differences.same(tokenizer.encode(text), expected.ids, text);
      differences.same(tokenizer.encode(text, { addSpecialTokens: false }), expected.bare, text);
    }
  });

  row(
    'ids of texts from all of Unicode',
    (tokenizer, differences, _, column) =>
      rows(checksums.any, names.length).forEach((sums, i) => {
        differences.same(checksum(tokenizer.encode(any[i]!)), sums[column], JSON.stringify(any[i]));
      }),
    newer,
  );

  row('decoded texts', (tokenizer, differences, name, column) => {
    for (const { text, [name]: expected } of reference.cases) {
      differences.same(decoded(tokenizer, expected.ids), expected.decoded, text);
    }
    const generator = new Generator(4);
    for (const sums of rows(checksums.decoded, names.length)) {
      const ids = idList(generator, tokenizer.vocabularySize, reference.special[name]);
      const all = decoded(tokenizer, ids);
      differences.same(checksum(all.join('\n')), sums[column], JSON.stringify({ ids, all }));
    }
  });
});

const sentencePiece = { area: 'Tokenizers', against: pinned('sentencepiece'), measure: 'identical' } as const;

compared(
  { ...sentencePiece, what: 'T5, ids of real lines in many languages', allowed: 0, skip: !haveT5 },
  (differences) => {
    const tokenizer = tokenizerOf('t5');
    for (const [sum, ids] of rows(checksums.lines, names.length + 1)) {
      const line = lines.get(sum!);
      if (line === undefined) continue;
      const same = checksum(tokenizer.encode(line)) === ids && !bySentencePiece.lines.includes(sum!);
      differences.same(same, true, line);
    }
  },
);

const what = 'T5, ids of odd texts without marks, joiners and special tokens';
compared({ ...sentencePiece, what, allowed: 0, skip: !haveT5 }, (differences) => {
  const tokenizer = tokenizerOf('t5');
  rows(bySentencePiece.plain, 1).forEach(([sum], i) => {
    differences.same(checksum(tokenizer.encode(plain[i]!)), sum, JSON.stringify(plain[i]));
  });
});

test.skipIf(!haveT5)('T5: where the two references differ, ids are those of transformers', () => {
  const tokenizer = tokenizerOf('t5');
  for (const { why, text, transformers, sentencepiece } of bySentencePiece.examples) {
    expect(tokenizer.encode(text), `${why}: ${text}`).toEqual(transformers);
    expect(transformers).not.toEqual(sentencepiece);
  }
});

function compareFolders(differences: Differences, folders: readonly Folder[]): void {
  for (const { name, files, ids, decoded } of folders) {
    const folder = mkdtempSync(join(scratch, 'folder-'));
    for (const [file, json] of Object.entries(files)) writeFileSync(join(folder, file), json);
    const tokenizer = loadTokenizer(folder);
    ids.forEach((expected, i) => {
      const label = `${name}: ${JSON.stringify(parts.texts[i])}`;
      const both = [false, true].map((skipSpecialTokens) => tokenizer.decode(expected, { skipSpecialTokens }));
      differences.same(tokenizer.encode(parts.texts[i]!), expected, label);
      differences.same(both, decoded[i], `${label}, decoded`);
    });
  }
}

compared(
  {
    area: 'Tokenizers',
    what: 'small tokenizers with every part that is known, ids and decoded texts',
    against: pinned('tokenizers'),
    measure: 'identical',
    allowed: 0,
  },
  (differences) => compareFolders(differences, parts.parts),
);

compared(
  {
    area: 'Tokenizers',
    what: 'small tokenizers by the class that their folder names, ids and decoded texts',
    against: pinned('transformers'),
    measure: 'identical',
    allowed: 0,
  },
  (differences) => compareFolders(differences, parts.folders),
);
