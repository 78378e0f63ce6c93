/** How the Penn Treebank tokenizer writes what ASCII or its bracketed files have no sign for. */

export const BRACKETS: Record<string, string> = {
  '(': '-LRB-',
  ')': '-RRB-',
  '[': '-LSB-',
  ']': '-RSB-',
  '{': '-LCB-',
  '}': '-RCB-',
};

/** Fractions spelled out; the euro as a dollar and the pound as a number sign, as the treebank has them. */
export const SYMBOLS: Record<string, string> = {
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  '⅓': '1/3',
  '⅔': '2/3',
  '€': '$',
  '¤': '$',
  '₠': '$',
  '\u0080': '$',
  '£': '#',
  '¢': 'cents',
};

const QUOTES: Record<string, string> = {
  '‘': '`',
  '‛': '`',
  '‹': '`',
  '\u0091': '`',
  '’': "'",
  '›': "'",
  '\u0092': "'",
  '“': '``',
  '«': '``',
  '\u0093': '``',
  '”': "''",
  '»': "''",
  '\u0094': "''",
};

/** Curly apostrophes and quotes of any length to ASCII: ` and ' for single ones, `` and '' for double. */
export const straight = (token: string): string =>
  token.replace(/&apos;/g, "'").replace(/./gu, (mark) => QUOTES[mark] ?? mark);

export const roundBrackets = (token: string): string => token.replace(/[()]/g, (bracket) => BRACKETS[bracket]!);

/** A token with blanks inside, such as a telephone number. */
export const glued = (token: string): string => roundBrackets(token).replaceAll(' ', '\u00A0');
