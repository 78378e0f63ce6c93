/** Bringing VQA answers to a common form before they are compared, as the VQA evaluation does. Spec 4.1. */
import { VQA_CONTRACTIONS } from './vqa-contractions.ts';

/** In the order in which they are taken out. Colons, apostrophes and $ % # & * stay. */
const PUNCTUATION = [...';/[]"{}()=+\\_-><@`,?!'];

const DIGIT_COMMA_DIGIT = /\p{Nd},\p{Nd}/u;
const PERIOD_BEFORE_NO_DIGIT = /\.(?!\p{Nd})/gu;

/** The evaluators hand a flag (of value 32) to the argument that limits how many periods are deleted. */
const MOST_PERIODS = 32;

const NUMBERS: ReadonlyMap<string, string> = new Map([
  ['none', '0'],
  ['zero', '0'],
  ['one', '1'],
  ['two', '2'],
  ['three', '3'],
  ['four', '4'],
  ['five', '5'],
  ['six', '6'],
  ['seven', '7'],
  ['eight', '8'],
  ['nine', '9'],
  ['ten', '10'],
]);
const ARTICLES: ReadonlySet<string> = new Set(['a', 'an', 'the']);

/** Line breaks and tabs to blanks, no blanks at the ends. Both sides of every comparison go through this first. */
export function cleanAnswer(answer: string): string {
  return answer.replace(/[\n\t]/g, ' ').trim();
}

/**
 * Takes punctuation out. A mark is deleted where the answer has it beside a blank anywhere, or has a comma between digits
 * anywhere; else a blank takes its place ("black/white" becomes two words). Then periods go, except before a digit.
 */
export function processPunctuation(answer: string): string {
  const commaInNumber = DIGIT_COMMA_DIGIT.test(answer);
  let text = answer;
  for (const mark of PUNCTUATION) {
    const deleted = commaInNumber || answer.includes(`${mark} `) || answer.includes(` ${mark}`);
    text = text.replaceAll(mark, deleted ? '' : ' ');
  }
  let periods = 0;
  return text.replace(PERIOD_BEFORE_NO_DIGIT, (period) => {
    periods += 1;
    return periods <= MOST_PERIODS ? '' : period;
  });
}

/** Lower case, numbers up to ten as digits, no articles, apostrophes put back; words joined by single blanks. */
export function processDigitArticle(answer: string): string {
  return answer
    .toLowerCase()
    .split(/\s+/)
    .map((word) => NUMBERS.get(word) ?? word)
    .filter((word) => word !== '' && !ARTICLES.has(word))
    .map((word) => VQA_CONTRACTIONS.get(word) ?? word)
    .join(' ');
}

/** Both steps, in the evaluators' order. */
export function normaliseAnswer(answer: string): string {
  return processDigitArticle(processPunctuation(answer));
}
