/** Penn Treebank tokens as the COCO caption evaluation makes them: a text with one caption a line, in lower case. */
import { RULES, type Rule } from './ptb-rules.ts';

/** A shortcut past the rules for most of any caption: a word between blanks that no rule would split. */
const PLAIN_WORD = /(?!(?:cannot|gimme|gonna|gotta|lemme|wanna)[ \n])[A-Za-z]+(?=[ \n])/iy;

interface Found {
  readonly rule: Rule;
  readonly token: string;
}

function furthestReaching(text: string, at: number): Found | undefined {
  let found: Found | undefined;
  let reach = 0;
  for (const rule of RULES) {
    rule.pattern.lastIndex = at;
    const match = rule.pattern.exec(text);
    if (match === null || match[0].length <= reach) continue;
    reach = match[0].length;
    found = { rule, token: match[1]! };
  }
  return found;
}

/**
 * The tokens of every line of a text. Rules look past the end of a line, so the captions of one file belong in one call, and
 * whether the text ends in a newline can matter to its last line. Characters no rule knows, such as emoji, are left out.
 */
export function ptbTokenize(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '\n') {
      lines.push(line);
      line = [];
      at += 1;
      continue;
    }
    PLAIN_WORD.lastIndex = at;
    const plain = PLAIN_WORD.exec(text);
    if (plain !== null) {
      line.push(plain[0].toLowerCase());
      at += plain[0].length + (text[at + plain[0].length] === ' ' ? 1 : 0);
      continue;
    }
    const found = furthestReaching(text, at);
    if (found === undefined) {
      at += 1;
      continue;
    }
    const { rule, token } = found;
    const written = rule.write === undefined ? token : rule.write(token);
    // A soft hyphen inside a word vanishes; alone it is a hyphen.
    if (written !== '') line.push(written.replaceAll('\u00AD', '').toLowerCase() || '-');
    at += token.length - (rule.periodTwice === true ? 1 : 0);
  }
  lines.push(line);
  return lines;
}
