/** Patterns of tokenizer.json, which are written for the Oniguruma engine, as JavaScript's. */
import { z } from 'zod';

export const patternSchema = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);

/** The escapes that mean the same in both, and those that have another name here. Oniguruma's `\s` lacks U+FEFF and has U+0085. */
const ESCAPES: Readonly<Record<string, string>> = {
  p: '\\p',
  P: '\\P',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
};

/** @throws {Error} for what JavaScript does not have or reads differently. */
export function compilePattern(pattern: z.output<typeof patternSchema>): RegExp {
  if ('String' in pattern) return new RegExp(escapePattern(pattern.String), 'gu');
  const source = pattern.Regex.replace(/\\(.)/gsu, (written, letter: string) => {
    const known = /\w/.test(letter) ? ESCAPES[letter] : written;
    if (known === undefined) throw new Error(`"${written}" in the pattern ${pattern.Regex}`);
    return known;
  });
  return new RegExp(source, 'gu');
}

export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
