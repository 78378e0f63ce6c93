/** Penn Treebank tokens as the COCO caption evaluation makes them: a text with one caption a line, in lower case. */
import { RULES, type Rule } from './ptb-rules.ts';
import {
  CAPITAL_ABBREVIATIONS,
  CLOSING_ABBREVIATIONS,
  LEADING_ABBREVIATIONS,
  NUMBERING_ABBREVIATIONS,
} from './ptb-words.ts';

/** A shortcut past the rules for most of any caption: words, and the comma or period after one, that no rule would join or split. */
const PLAIN_WORD = /[A-Za-z]+(?=[.,]?[ \n])/y;
const PLAIN_MARK = /,(?=[ \n])|\.(?=\n| [^.])/y;
const SPLIT_WORDS = new Set(['cannot', 'gimme', 'gonna', 'gotta', 'lemme', 'wanna']);
const ABBREVIATIONS = new Set(
  [LEADING_ABBREVIATIONS, CLOSING_ABBREVIATIONS, CAPITAL_ABBREVIATIONS, NUMBERING_ABBREVIATIONS].flatMap((list) =>
    list.map((word) => word.toLowerCase()),
  ),
);

/** The tokenizer knows no character beyond U+FFFF, be it an emoji or a letter, and no mark that Unicode added after version 3. */
const UNKNOWN_CHARACTERS = /[\u{10000}-\u{10FFFF}]|(?=[\u1000-\uFFFF])\p{M}/gu;
const UNKNOWN = '\uFFFF';

interface Token {
  /** In lower case. */
  readonly text: string;
  /** Where the next token may start. */
  readonly end: number;
}

function plainToken(text: string, at: number): Token | undefined {
  PLAIN_WORD.lastIndex = at;
  const word = PLAIN_WORD.exec(text)?.[0].toLowerCase();
  if (word === undefined) {
    PLAIN_MARK.lastIndex = at;
    return PLAIN_MARK.test(text) ? { text: text[at]!, end: at + 1 } : undefined;
  }
  const end = at + word.length;
  const mayKeepPeriod = text[end] === '.' && (word.length === 1 || ABBREVIATIONS.has(word));
  return mayKeepPeriod || SPLIT_WORDS.has(word) ? undefined : { text: word, end };
}

/** The token of the rule that reaches furthest; nothing, one character long, where no rule knows the character. */
function ruledToken(text: string, at: number): Token {
  let rule: Rule | undefined;
  let token = '';
  let reach = 0;
  for (const candidate of RULES) {
    candidate.pattern.lastIndex = at;
    const match = candidate.pattern.exec(text);
    if (match === null || match[0].length <= reach) continue;
    reach = match[0].length;
    rule = candidate;
    token = match[1]!;
  }
  if (rule === undefined) return { text: '', end: at + 1 };
  const end = at + token.length - (rule.periodTwice === true ? 1 : 0);
  const written = rule.write === undefined ? token : rule.write(token);
  // A soft hyphen inside a word vanishes; alone it is a hyphen.
  return { text: written === '' ? '' : written.replaceAll('\u00AD', '').toLowerCase() || '-', end };
}

/**
 * The tokens of every line of a text. Rules look past the end of a line, so the captions of one file belong in one call, and
 * whether the text ends in a newline can matter to its last line. Characters that no rule knows, such as emoji, are left out.
 */
export function ptbTokenize(source: string): string[][] {
  const text = source.replace(UNKNOWN_CHARACTERS, UNKNOWN);
  let line: string[] = [];
  const lines = [line];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '\n') {
      line = [];
      lines.push(line);
      at += 1;
    } else if (text[at] === ' ') {
      at += 1;
    } else {
      const token = plainToken(text, at) ?? ruledToken(text, at);
      if (token.text !== '') line.push(token.text);
      at = token.end;
    }
  }
  return lines;
}
