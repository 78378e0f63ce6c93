/** Added tokens: found in a text as they are written, before the model sees what lies between them. */
import { z } from 'zod';
import type { Normalizer } from './normalizer.ts';
import { escapePattern, spaceAtEnd } from './pattern.ts';

/** An id: a list of pieces is as long as the largest. */
export const idSchema = z.int().nonnegative().max(9_999_999);

export const addedTokenSchema = z.object({
  id: idSchema,
  content: z.string().min(1),
  /** Only where no word character is next to it. */
  single_word: z.boolean().default(false),
  /** Takes the white space on its left along. */
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  /** Looked for in the normalized text, in its own normalized form. */
  normalized: z.boolean().default(true),
  /** Left out of decoded text. */
  special: z.boolean().default(false),
});
export type AddedToken = z.output<typeof addedTokenSchema>;

/** Where in a text there is a token, and between tokens the text; both with their place. */
export interface Section {
  readonly text: string;
  readonly start: number;
  readonly id?: number;
}

const wordEnd = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const wordStart = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Splits a text at the tokens; the leftmost wins, of those the longest. Gives no empty section. */
export function tokenSplitter(
  tokens: readonly AddedToken[],
  normalize: Normalizer = (text) => text,
): (text: string) => Section[] {
  const byContent = new Map(tokens.map((token) => [normalize(token.content), token]));
  const longestFirst = [...byContent.keys()].filter(Boolean).sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return (text) => (text === '' ? [] : [{ text, start: 0 }]);
  const pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'gu');
  return (text) => {
    const sections: Section[] = [];
    let done = 0;
    const add = (start: number, end: number, id?: number): void => {
      if (end > start) sections.push({ text: text.slice(start, end), start, id });
      done = end;
    };
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const { id, single_word, lstrip, rstrip } = byContent.get(content)!;
      const before = text.slice(0, index);
      const after = text.slice(index + content.length);
      if (single_word && (wordEnd.test(before) || wordStart.test(after))) continue;
      const start = lstrip ? Math.max(done, before.search(spaceAtEnd)) : index;
      const space = rstrip ? /^\p{White_Space}*/u.exec(after)![0].length : 0;
      add(done, start);
      add(start, index + content.length + space, id);
    }
    add(done, text.length);
    return sections;
  };
}
