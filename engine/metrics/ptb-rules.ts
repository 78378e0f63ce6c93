/**
 * The rules of the Penn Treebank tokenizer that the COCO caption evaluation runs, written from how it is seen to behave.
 *
 * A rule is a pattern for a token and one for the context that must follow it. At every place in the text the rule whose token
 * and context together reach furthest wins; among equals the earlier one. So a rule that asks for context fails at the very end
 * of the text, which is where the last caption of a file differs from all others. Rules see the text before lower-casing.
 */
import {
  CAPITAL_ABBREVIATIONS,
  CLOSING_ABBREVIATIONS,
  FILE_EXTENSIONS,
  LEADING_ABBREVIATIONS,
  NUMBERING_ABBREVIATIONS,
  SENTENCE_STARTERS,
} from './ptb-words.ts';
import { BRACKETS, glued, roundBrackets, SYMBOLS, straight } from './ptb-writing.ts';

export interface Rule {
  /** Sticky; group 1 is the token, the rest of the match its context. */
  readonly pattern: RegExp;
  /** How the token is written; an empty string leaves it out. As it stands by default. */
  readonly write?: (token: string) => string;
  /** True when the token's period is read twice: once in the token, once as the sentence's own. */
  readonly periodTwice?: boolean;
}

const rule = (token: string, context = '', more: Omit<Rule, 'pattern'> = {}): Rule => ({
  pattern: new RegExp(`(${token})(?:${context})`, 'uy'),
  ...more,
});

/** Any of some words, in capitals or not. Spelled out, because V8 loses matches of `(?i:re|ra)`. */
const anyOf = (...words: readonly string[]): string =>
  `(?:${words.join('|').replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`)})`;

// Parts of patterns. An apostrophe is straight or curly; some words also take a grave accent or an opening quote for one.
const apostrophe = "(?:['’\\u0092]|&apos;)";
const looseApostrophe = "(?:['’‘`\\u0091\\u0092\\u201B]|&apos;)";
const letter = '[\\p{L}\\p{M}\\u00AD]';
const wordCharacter = '[\\p{L}\\p{M}\\p{Nd}\\u00AD]';
const blank = '[ \\t\\u00A0\\n]';
const gap = '[ \\u00A0-]';

const part = `(?:[dDoOlL]${looseApostrophe}${wordCharacter})?${wordCharacter}+`;
const hyphenated = `${part}(?:[-_‐‑]${part})*`;
const initials = '[A-Za-z](?:\\.[A-Za-z])+\\.';
const compound = `[A-Za-z0-9][A-Za-z0-9.,]*(?:-(?:${initials}|[A-Za-z0-9]+))+`;
const dotted = `${letter}${wordCharacter}*(?:[.!?]${letter}${wordCharacter}*)+`;
const company = `[A-Z]+(?:(?:&(?:${anyOf('amp')};)?|\\+)[A-Z]+)+`;
const slashPart = '[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}';

const tagName = '[A-Za-z][A-Za-z0-9_:.-]*';
const attribute = `${tagName}(?: *= *(?:"[^"\\n]*"|'[^'\\n]*'))?`;
const tag = `(?:</?${tagName}(?: +${attribute})* */? *>|<[!?][A-Za-z-][^>\\n]*>)`;
const addressEnd = '[^\\s<>"|()]+[^\\s<>"|.!?(){},-]';
const linkEnd = '[^\\s<>"|(){}]+[^\\s<>"|.!?(){},-]';
const siteLabel = '[^\\s\\dA-Z"`\'<>|.!?(){},[\\];:=/$@\\\\^_-]+';
const wwwLabel = '[^\\s"<>|.!?(){},]+';
const mailLabel = '[^\\s"<>|(){}.]+';

const clitic = `${apostrophe}${anyOf('s', 'm', 'd', 're', 've', 'll')}`;
const sentenceAhead = `${blank}(?:${blank}|\\p{Lu}|${tag})`;
const starterAhead = `${blank}+(?:(?=[A-Z])${anyOf(...SENTENCE_STARTERS)}|M[rs]\\.|${tag})${blank}`;
const closing = `(?:${anyOf(...CLOSING_ABBREVIATIONS)}|(?=[A-Z])${anyOf(...CAPITAL_ABBREVIATIONS)})\\.`;

export const RULES: readonly Rule[] = [
  // Markup and addresses.
  rule(tag, '', { write: (token) => token.replaceAll(' ', '\u00A0') }),
  rule(`${anyOf('https?')}://${linkEnd}`),
  rule(`${anyOf('www')}\\.(?:${wwwLabel}\\.)+[A-Za-z]{2,4}(?:/${addressEnd})?`),
  rule(`(?:${siteLabel}\\.)+${anyOf('com', 'net', 'org', 'edu')}(?:/${addressEnd})?`),
  rule(`(?:<|&lt;)?[A-Za-z0-9][^\\s"<>|(){}]*@(?:${mailLabel}\\.)*${mailLabel}(?:>|&gt;)?`),
  rule('@(?:[A-Za-z]|_)[A-Za-z0-9_]*'),
  rule(`#${letter}+`),

  // Words run together, and clitics: can|not, do|n't, it|'s. An apostrophe before two letters opens a quotation.
  rule(anyOf('can'), anyOf('not')),
  rule(anyOf('gon', 'wan'), anyOf('na')),
  rule(anyOf('got'), anyOf('ta')),
  rule(anyOf('gim', 'lem'), anyOf('me')),
  rule('[A-Za-z]*(?![nN])[A-Za-z]', `[nN]${looseApostrophe}[tT]`),
  rule(`[nN]${looseApostrophe}[tT]`, '', { write: straight }),
  rule(`${wordCharacter}+`, clitic),
  rule(`${apostrophe}[sSmMdD]`, '[^A-Za-z]?', { write: straight }),
  rule("'[tT]", anyOf('is', 'was')),
  rule(`[yY]${apostrophe}`, '[A-Za-z]'),
  rule(`${apostrophe}(?:${anyOf('em', 'till?', 'cause')}|[nN]${apostrophe}?)`),
  rule("'", '[A-Za-z]\\S', { write: () => '`' }),
  rule(`${apostrophe}${anyOf('re', 've', 'll')}`, '[^A-Za-z]?', { write: straight }),

  // Words that keep their apostrophe.
  rule(`(?:[lLdDjJ]|${anyOf('ol')}|[dD]unkin|[sS]omethin)${apostrophe}`),
  rule(`[A-HJ-XZn]${looseApostrophe}${letter}{2,}`),
  rule(`${letter}+[aeiouyAEIOUY]${looseApostrophe}[aeiouA-Z]${letter}*`),
  rule(anyOf("c'mon", "c'est", "cap'n", "cont'd\\.", "s'mores?", "nat'l", "li'l", "ev'ry", "nor'easter", "e'er")),
  rule(`[oO]${looseApostrophe}${anyOf('o', 'clock')}`),
  rule(`${apostrophe}[2-9]0[sS]`),
  rule(`${apostrophe}\\d\\d`, blank),

  // Abbreviations and initials.
  rule(dotted),
  rule(closing, sentenceAhead, { periodTwice: true }),
  rule(closing, '[^][^]'),
  rule(closing, '', { periodTwice: true }),
  rule(`${anyOf(...LEADING_ABBREVIATIONS)}\\.`),
  rule(`${anyOf(...NUMBERING_ABBREVIATIONS)}\\.`, `${blank}?\\d`),
  rule(initials, starterAhead, { periodTwice: true }),
  rule('[A-Za-z]', `\\.${starterAhead}`),
  rule(`${initials}|[A-Za-z]\\.`),
  rule(`(?:${compound}|${hyphenated}|${dotted}|${company})\\.`, '[,;:]'),

  // Words.
  rule(hyphenated),
  rule(compound),
  rule(`${anyOf('pro', 'anti')}-`),
  rule(`${slashPart}(?:\\\\?/${slashPart}){1,2}`),
  rule(`${wordCharacter}+(?:\\.${wordCharacter}+)*\\.${anyOf(...FILE_EXTENSIONS)}`, '[\\s.?!,]'),
  rule(company, '', { write: (token) => token.replace(/&amp;/gi, '&') }),
  rule('[cC]\\+\\+|[cCfF]#'),

  // Numbers, fractions, dates, telephone numbers.
  rule('[-+]?(?:\\d+(?:[.,:]\\d+)*|(?:[.,:]\\d+)+)'),
  rule('(?:\\d{1,4}[- \\u00A0])?\\d{1,4}/\\d{1,4}', '', { write: glued }),
  rule('\\d{1,2}[-/]\\d{1,2}[-/]\\d{2,4}'),
  rule(`(?:\\(\\d{2,4}\\)[ \\u00A0]?|\\+?\\d{2,4}${gap}(?:\\d{2,4}${gap})?)\\d{3,4}${gap}?\\d{3,5}`, '', {
    write: glued,
  }),

  // Faces.
  rule("[<>]?[:;=][-o*']?[()DPdpO\\\\{@|[\\]]", '[^A-Za-z0-9]', { write: roundBrackets }),
  rule("[\\^x=~<>'-]_[\\^x=~<>'-]"),
  rule("\\((?:[\\^x=~<>'-][_.]?[\\^x=~<>'-]|[\\^x=~<>']-[\\^x=~<>'`])\\)", '', { write: roundBrackets }),

  // Brackets, quotes, dashes, marks.
  rule('[()[\\]{}]', '', { write: (token) => BRACKETS[token]! }),
  rule('"|&quot;', '[A-Za-z0-9$]', { write: () => '``' }),
  rule('"|&quot;', '', { write: () => "''" }),
  rule("''|[‘’‚‛“”„‟‹›«»`\\u0091-\\u0094]{1,2}|'|&apos;", '', { write: straight }),
  rule(`-{2,4}|[–—―\\u0096\\u0097]|&${anyOf('mdash', 'ndash')};`, '', { write: () => '--' }),
  rule('\\.{3,5}|\\.(?:[ \\u00A0]\\.){2,4}|…', '', { write: () => '...' }),
  rule('-{5,}|[!?]{2,}|_+|\\*+|#+|@+|<<|>>|(?:\\\\\\*){1,3}|[A-Z]+\\$|&#\\d+;'),
  rule(`&${anyOf('amp')};`, '', { write: () => '&' }),
  rule(`&${anyOf('lt')};`, '', { write: () => '<' }),
  rule(`&${anyOf('gt')};`, '', { write: () => '>' }),
  rule(`&${anyOf('nbsp')};`, '', { write: () => '' }),
  rule(`[${Object.keys(SYMBOLS).join('')}]`, '', { write: (token) => SYMBOLS[token]! }),
  rule('[!-~¡-ªµº¬®-ʹ˂-˟‖-‗†-‣‰-‸※‾-⁂⁄⁰-₤℀-⯿、。〒・！-･￠-￦]'),
];
