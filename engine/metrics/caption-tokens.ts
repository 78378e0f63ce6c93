/** Captions as the COCO evaluation compares them: Penn Treebank tokens without punctuation. */
import { ptbTokenize } from './ptb.ts';

/** Tokens the evaluation drops. It names brackets in capitals and meets them in small letters, so brackets stay. */
const PUNCTUATION = new Set("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split(' '));

/** Anything the tokenizer could take for the end of a line; it must not part a caption. */
const LINE_BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;

/** PTB tokens less punctuation. */
export function withoutPunctuation(tokens: readonly string[]): string[] {
  return tokens.filter((token) => !PUNCTUATION.has(token));
}

/**
 * Tokens of every caption of one file. The evaluation writes all captions, one a line and without a newline at the end, and
 * tokenizes that; a caption's neighbour below can matter to it, and so can being the last. Pass all of a file's captions at once.
 */
export function captionTokens(captions: readonly string[]): string[][] {
  if (captions.length === 0) return [];
  const text = captions.map((caption) => caption.replace(LINE_BREAKS, ' ')).join('\n');
  return ptbTokenize(text).map(withoutPunctuation);
}
