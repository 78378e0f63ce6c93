/** Words of a caption as METEOR 1.5 splits them (`-norm`), written from how it is seen to behave. */

const cased = '\\p{Lu}\\p{Ll}'; // only letters that have two cases are letters here, and only ASCII digits are digits

/** Word for word replacements, in this order; patterns do not overlap, so "a-b-c" becomes "a b-c". */
const SPLITS: readonly (readonly [RegExp, string])[] = [
  [/[`‘’]/g, "'"],
  [/''|[“”]/g, '"'],
  [/–/g, ' - '],
  [/--/g, '-'],
  [new RegExp(`[^${cased}0-9 .',-]`, 'gu'), ' $& '],
  [/\.{2,}/g, ' $& '],
  [/([^0-9]),([^0-9])/gu, '$1 , $2'],
  [/([0-9]),([^0-9])/gu, '$1 , $2'],
  [/([^0-9]),([0-9])/gu, '$1 , $2'],
  [new RegExp(`([^${cased}])'([^${cased}])`, 'gu'), "$1 ' $2"],
  [new RegExp(`([^${cased}0-9])'([${cased}])`, 'gu'), "$1 ' $2"],
  [new RegExp(`([${cased}])'([^${cased}])`, 'gu'), "$1 ' $2"],
  [new RegExp(`([${cased}])'([${cased}])`, 'gu'), "$1 '$2"],
  [/([0-9])'s/g, "$1 's"],
  [new RegExp(`([${cased}0-9.])-([${cased}0-9])`, 'gu'), '$1 $2'],
];

const BLANK = /^\p{Z}*$/u;
const LETTER = new RegExp(`[${cased}]`, 'u');

/** Keep their period before anything; all others only before a word in small letters. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(['v', 'vs', 'rev', 'pp']);

/** "u.s." is "us", "mr. x" stays, and a sentence's period is a word of its own. */
function withoutPeriod(word: string, next: string | undefined): string[] {
  if (word.length < 2 || !word.endsWith('.') || word.endsWith('..')) return [word];
  const stem = word.slice(0, -1);
  if (stem.includes('.') && LETTER.test(stem)) return [word.replaceAll('.', '')];
  const keeps = ABBREVIATIONS.has(stem) || (next !== undefined && /^[a-z]/.test(next));
  return keeps ? [word] : [stem, '.'];
}

/** @param caption one caption, in small letters. */
export function meteorTokens(caption: string): string[] {
  const split = SPLITS.reduce((text, [pattern, written]) => text.replace(pattern, written), ` ${caption} `);
  const words = split.split(' ').filter((word) => word !== '');
  return words.flatMap((word, i) => withoutPeriod(word, words[i + 1])).filter((word) => !BLANK.test(word));
}
