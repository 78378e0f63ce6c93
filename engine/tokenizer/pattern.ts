/** Patterns of tokenizer.json, which are written for the Oniguruma engine, as JavaScript's. */
import { z } from 'zod';
import { shortened } from '../common/errors.ts';

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

const ESCAPE = String.raw`\\[pP]\{\w+\}|\\[^pP]`;
/** Without sets in sets, which JavaScript reads differently. */
const CLASS = String.raw`\[(?:\^|(?!\^))(?:${ESCAPE}|(?!&&)[^\\[\]])+\]`;
const ITEM = String.raw`(?:${ESCAPE}|${CLASS}|[^\\()[\]{}*+?|^$.])`;
const ALTERNATIVE = String.raw`${ITEM}+(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})?`;
/**
 * Nothing comes after what repeats, and so nothing can fail there: a match never goes back to try another split of what it has read,
 * which is what takes an exponential time in patterns made for that. Those of T5's and CLIP's tokenizers are such.
 */
const linear = new RegExp(`^${ALTERNATIVE}(?:\\|${ALTERNATIVE})*$`, 'su');
/** In characters; CLIP's has a hundred. */
const LONGEST = 200;

/** Throws Error for what JavaScript does not have or reads differently, and for what may take more than one pass over a text. */
function compile(pattern: string): RegExp {
  if (pattern.length > LONGEST || !linear.test(pattern)) {
    throw new Error('expected characters and classes, and alternatives of them; only the last of each may repeat');
  }
  const source = pattern.replace(/\\(.)/gsu, (written, letter: string) => {
    const known = /\w/.test(letter) ? ESCAPES[letter] : written;
    if (known === undefined) throw new Error(`"${written}" is not known`);
    return known;
  });
  return new RegExp(source, 'gu');
}

export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Begins where the space does: tried from each of its characters, a long one takes its square. */
export const spaceAtEnd = /(?<!\p{White_Space})\p{White_Space}*$/u;

/** `{"String": ...}` or `{"Regex": ...}` to what finds all of it. */
export const patternSchema = z
  .union([z.object({ String: z.string() }), z.object({ Regex: z.string() })])
  .transform((pattern, { addIssue }) => {
    if ('String' in pattern) return new RegExp(escapePattern(pattern.String), 'gu');
    try {
      return compile(pattern.Regex);
    } catch (error) {
      addIssue(`the Regex ${shortened(pattern.Regex)}: ${(error as Error).message}`);
      return z.NEVER;
    }
  });
