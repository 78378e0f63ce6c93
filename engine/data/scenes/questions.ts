/** Questions about a scene whose answers follow from it, each with ten people's answers as in VQA v2. */
import type { Random } from '../../common/random.ts';
import { type AnswerType, tenAnswers } from './annotators.ts';
import type { Asked, Askers } from './asker.ts';
import { reworded } from './language.ts';
import { numberAskers } from './numbers.ts';
import { otherAskers } from './others.ts';
import type { Scene, Variety } from './scene.ts';
import { weighted } from './weighted.ts';
import { yesNoAskers } from './yes-no.ts';

export interface Question extends Asked {
  readonly answerType: AnswerType;
  /** The first words, as VQA v2 groups questions. */
  readonly questionType: string;
  /** Ten answers; at least seven are `answer`. */
  readonly answers: readonly string[];
}

const answerTypes = ['yes/no', 'number', 'other'] as const;
const askers: { readonly [T in AnswerType]: Askers } = {
  'yes/no': yesNoAskers,
  number: numberAskers,
  other: otherAskers,
};
/** Shares of the answer types. */
const mix = [0.45, 0.2, 0.35] as const;

/** Beginnings by which questions are grouped, the longest that fits counts. */
const questionTypes = [
  'what color is the',
  'what is the color of the',
  'what shape is',
  'what shape does the',
  'what is the',
  'what size is the',
  'what is',
  'what',
  'which',
  'where is the',
  'how many',
  'how big is the',
  'how',
  'is there a',
  'is there no',
  'is there not',
  'is there',
  'is the',
  'is a',
  'is no',
  'is',
  'are there any',
  'are there no',
  'are there',
  'are',
  'does the',
  'do you',
  'do',
  'can you',
].sort((a, b) => b.length - a.length);

export function questionTypeOf(question: string): string {
  return questionTypes.find((type) => question.startsWith(`${type} `)) ?? 'none of the above';
}

/**
 * One question of the given answer type, if some tries find one (a scene of equals leaves little to ask). Wide variety
 * also asks in other words ("big" for "large"); the answer keeps to the plain ones.
 */
export function askOne(
  scene: Scene,
  random: Random,
  answerType: AnswerType,
  variety: Variety = 'moderate',
): Question | undefined {
  const choices = askers[answerType];
  const weights = choices.map(([, weight]) => weight);
  for (let tries = 0; tries < 40; tries += 1) {
    const asked = choices[weighted(random, weights)]![0](scene, random);
    if (asked === undefined) continue;
    const { answer } = asked;
    const question = variety === 'wide' ? reworded(random, asked.question) : asked.question;
    const answers = tenAnswers(random, answer, answerType);
    return { question, answer, answerType, questionType: questionTypeOf(question), answers };
  }
  return undefined;
}

export function drawAnswerType(random: Random): AnswerType {
  return answerTypes[weighted(random, mix)]!;
}

/** `count` different questions, about 45 % yes/no, 20 % number, 35 % other. */
export function questions(scene: Scene, random: Random, count: number, variety: Variety = 'moderate'): Question[] {
  const found = new Map<string, Question>();
  while (found.size < count) {
    const question = askOne(scene, random, drawAnswerType(random), variety);
    if (question !== undefined && !found.has(question.question)) found.set(question.question, question);
  }
  return [...found.values()];
}
