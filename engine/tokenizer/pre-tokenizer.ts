/** The pre-tokenizers of tokenizer.json: a normalized text to the words that the model splits further. */
import { z } from 'zod';
import { toByteChars } from './byte-level.ts';
import { type Builders, build } from './component.ts';
import { metaspaceOptions } from './metaspace.ts';
import { patternSchema } from './pattern.ts';

export interface Span {
  readonly text: string;
  /** Whether it stands at the very start of the whole text. */
  readonly first: boolean;
}
/** Never gives an empty text. */
export type PreTokenizer = (span: Span) => Span[];

const sequence = z.object({ pretokenizers: z.array(z.unknown()) });
const split = z.object({
  pattern: patternSchema,
  behavior: z.enum(['Removed', 'Isolated']),
  invert: z.boolean().default(false),
});
const byteLevel = z.object({ add_prefix_space: z.boolean(), use_regex: z.boolean().default(true) });

const space = /\p{White_Space}+/gu;
/** GPT-2's words. */
const gpt2Words =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const builders: Builders<PreTokenizer> = {
  Sequence: (config) => {
    const steps = sequence.parse(config).pretokenizers.map(buildPreTokenizer);
    return (span) => steps.reduce((spans, step) => spans.flatMap(step), [span]);
  },
  WhitespaceSplit: () => (span) => parts(span, space).flatMap(({ matched, ...part }) => (matched ? [] : [part])),
  Split: (config) => {
    const { pattern, behavior, invert } = split.parse(config);
    return (span) =>
      parts(span, pattern).flatMap(({ matched, ...part }) =>
        behavior === 'Removed' && matched !== invert ? [] : [part],
      );
  },
  Metaspace: (config) => {
    const { replacement, prepend, split } = metaspaceOptions(config);
    return ({ text, first }) => {
      const marked = text.replaceAll(' ', replacement);
      const wanted = prepend === 'always' || (prepend === 'first' && first);
      const whole = wanted && !marked.startsWith(replacement) ? replacement + marked : marked;
      const words = split ? whole.split(replacement).map((word, i) => (i === 0 ? word : replacement + word)) : [whole];
      return words.filter((word) => word !== '').map((word, i) => ({ text: word, first: first && i === 0 }));
    };
  },
  ByteLevel: (config) => {
    const { add_prefix_space, use_regex } = byteLevel.parse(config);
    return ({ text, first }) => {
      const whole = { text: add_prefix_space && !text.startsWith(' ') ? ` ${text}` : text, first };
      const split = use_regex ? parts(whole, gpt2Words) : [whole];
      return split.map((part) => ({ text: toByteChars(part.text), first: part.first }));
    };
  },
};

export function buildPreTokenizer(config: unknown): PreTokenizer {
  return config === null ? (span) => [span] : build('pre-tokenizer', builders, config);
}

/** The matches of a pattern and what lies between them, in order. */
function parts({ text, first }: Span, pattern: RegExp): (Span & { readonly matched: boolean })[] {
  const found: (Span & { readonly matched: boolean })[] = [];
  const add = (start: number, end: number, matched: boolean): void => {
    if (end > start) found.push({ text: text.slice(start, end), first: first && start === 0, matched });
  };
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    add(end, match.index, false);
    end = match.index + match[0].length;
    add(match.index, end, true);
  }
  add(end, text.length, false);
  return found;
}
