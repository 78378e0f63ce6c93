/** All words that the generator can write, for those who build a tokenizer. */
import { Random } from '../../common/random.ts';
import { slips } from './annotators.ts';
import { captions, captionWordings } from './captions.ts';
import { colours } from './colours.ts';
import { corpusSentence, corpusWordings } from './corpus.ts';
import { bagDescription, descriptionWordings } from './descriptions.ts';
import { numberWords, otherWords, plural } from './language.ts';
import { numberWordings } from './numbers.ts';
import { otherWordings } from './others.ts';
import { gridSize, placePhrases, places, relationPhrases } from './places.ts';
import { questions } from './questions.ts';
import { genericNouns } from './referents.ts';
import { pretrainingScenes, sampleScene, sizeWords } from './scene.ts';
import { shapes } from './shapes.ts';
import { yesNoWordings } from './yes-no.ts';

export { commonWords } from './common-words.ts';

/** The marks that stand between words. */
export const punctuation = ['?', '.', ',', ';'] as const;

/** Words of a text without marks, lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** All words in a table of wordings, however nested; slots left out. */
function wordsIn(table: unknown): string[] {
  if (typeof table === 'string') return wordsOf(table.replace(/\{\w+\}/g, ' '));
  return Object.values(table as object).flatMap(wordsIn);
}

function everyWord(): Set<string> {
  const nouns = [...shapes, ...genericNouns, ...Object.values(otherWords).flat()];
  return new Set([
    ...wordsIn([captionWordings, descriptionWordings, yesNoWordings, numberWordings, otherWordings, corpusWordings]),
    ...wordsIn([colours, sizeWords, nouns, nouns.map(plural), numberWords, otherWords, Object.keys(otherWords)]),
    ...wordsIn([places, placePhrases, relationPhrases, slips, Object.keys(slips)]),
    ...Array.from({ length: gridSize }, (_, i) => [`c${i}`, `r${i}`]).flat(),
    ...Array.from({ length: 10 }, (_, i) => String(i)),
    'an',
    'light',
  ]);
}

const sampled = 400;

/** Every word of captions, questions, answers and descriptions, lower case, the most frequent of a sample first. */
export function vocabularyWords(): string[] {
  const counts = new Map<string, number>([...everyWord()].sort().map((word) => [word, 0]));
  for (let i = 0; i < sampled; i += 1) {
    const random = new Random('vocabulary', i);
    const scene = sampleScene(random, pretrainingScenes);
    const texts = [
      ...captions(scene, random, 2, { variety: 'wide' }),
      ...questions(scene, random, 4, 'wide').flatMap(({ question, answer }) => [question, answer]),
      bagDescription(scene, random),
      corpusSentence(random),
    ];
    for (const word of texts.flatMap(wordsOf)) {
      const count = counts.get(word);
      if (count !== undefined) counts.set(word, count + 1); // the rest are common words of everyday sentences
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word);
}
