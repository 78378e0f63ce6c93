/**
 * The normalizers of tokenizer.json. Two things differ from the tokenizers library, whose Unicode tables are of another age than
 * Node's: its NFD, NFKD, NFKC and StripAccents know only Unicode 9 (some 400 marks and 170 letters that came later, of rare scripts,
 * pass through it), and its Lowercase knows 28 capital letters of Unicode 17. T5's rules are in its own table, see charsmap.ts.
 */
import { z } from 'zod';
import { charsmapNormalizer } from './charsmap.ts';
import { type Builders, build } from './component.ts';
import { patternSchema, spaceAtEnd } from './pattern.ts';

export type Normalizer = (text: string) => string;

const sequence = z.object({ normalizers: z.array(z.unknown()) });
const replace = z.object({ pattern: patternSchema, content: z.string() });
const strip = z.object({ strip_left: z.boolean(), strip_right: z.boolean() });
const prepend = z.object({ prepend: z.string() });

const builders: Builders<Normalizer> = {
  Sequence: (config) => {
    const steps = sequence.parse(config).normalizers.map(buildNormalizer);
    return (text) => steps.reduce((current, step) => step(current), text);
  },
  Precompiled: charsmapNormalizer,
  NFC: () => (text) => text.normalize('NFC'),
  NFD: () => (text) => text.normalize('NFD'),
  NFKC: () => (text) => text.normalize('NFKC'),
  NFKD: () => (text) => text.normalize('NFKD'),
  Lowercase: () => lowercase,
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ''),
  Replace: (config) => {
    const { pattern, content } = replace.parse(config);
    return (text) => text.replace(pattern, () => content);
  },
  Strip: (config) => {
    const { strip_left, strip_right } = strip.parse(config);
    return (text) => {
      const tail = strip_left ? text.replace(/^\p{White_Space}+/u, '') : text;
      return strip_right ? tail.replace(spaceAtEnd, '') : tail;
    };
  },
  Prepend: (config) => {
    const prefix = prepend.parse(config).prepend;
    return (text) => (text === '' ? text : prefix + text);
  },
};

export function buildNormalizer(config: unknown): Normalizer {
  return config === null ? (text) => text : build('normalizer', builders, config);
}

/** Letter by letter: JavaScript alone would write a sigma at the end of a word as a final sigma. */
function lowercase(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase();
}
