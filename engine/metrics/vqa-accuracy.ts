/** VQA accuracy: an answer is right as far as three people of the other nine gave it. */
import { DeptError } from '../common/errors.ts';
import { cleanAnswer, normaliseAnswer, processPunctuation } from './vqa-normalisation.ts';

/**
 * Two ways of normalising before answers are compared.
 * `vl-t5` (VL-T5, VL-Adapter, LST, and so the DePT paper): the prediction always, people's answers only of punctuation and only
 * where they differ. `official` (VQA API since 2021): both sides where people differ, nothing at all where they agree.
 */
export type VqaVariant = 'vl-t5' | 'official';

export interface VqaItem {
  readonly id: string;
  readonly prediction: string;
  /** What people answered, ten as a rule. */
  readonly answers: readonly string[];
  readonly answerType?: string;
  readonly questionType?: string;
}

export interface VqaScores {
  /** Percent, two decimals; so are the two tables. */
  readonly accuracy: number;
  readonly perAnswerType: Readonly<Record<string, number>>;
  readonly perQuestionType: Readonly<Record<string, number>>;
  /** Scores from 0 to 1. */
  readonly perItem: readonly { readonly id: string; readonly score: number }[];
}

function normalised(prediction: string, answers: readonly string[], variant: VqaVariant): [string, readonly string[]] {
  const differ = new Set(answers).size > 1;
  if (variant === 'vl-t5') return [normaliseAnswer(prediction), differ ? answers.map(processPunctuation) : answers];
  return differ ? [normaliseAnswer(prediction), answers.map(normaliseAnswer)] : [prediction, answers];
}

/** Accuracy from 0 to 1: the mean over i of min(1, #{j other than i: answer j = prediction} / 3). Spec 4.1. */
export function vqaAccuracy(prediction: string, answers: readonly string[], variant: VqaVariant): number {
  const [own, theirs] = normalised(cleanAnswer(prediction), answers.map(cleanAnswer), variant);
  const matches = theirs.filter((answer) => answer === own).length;
  const total = theirs.reduce((sum, answer) => sum + Math.min(1, (matches - (answer === own ? 1 : 0)) / 3), 0);
  return total / theirs.length;
}

/** Percent to two decimals as the evaluators' language rounds: an exact tie goes to the even digit. */
function percent(ratio: number): number {
  const hundredths = ratio * 100 * 100;
  const tie = hundredths % 1 === 0.5 && (ratio * 100 * 8) % 1 === 0;
  return tie ? (2 * Math.round(hundredths / 2)) / 100 : Number((ratio * 100).toFixed(2));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Accuracy of every group of items, in the order groups first occur; items without the property belong to none. */
function perGroup(
  items: readonly VqaItem[],
  scores: readonly number[],
  property: 'answerType' | 'questionType',
): Record<string, number> {
  const groups = new Map<string, number[]>();
  items.forEach((item, i) => {
    const group = item[property];
    if (group === undefined) return;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [scores[i]!]);
    else members.push(scores[i]!);
  });
  return Object.fromEntries([...groups].map(([group, members]) => [group, percent(mean(members))]));
}

/**
 * Scores answers as the VQA evaluation does.
 * @throws DeptError `bad-input` when there is nothing to score or a question has no answers.
 */
export function scoreVqa(items: readonly VqaItem[], variant: VqaVariant): VqaScores {
  if (items.length === 0) {
    throw new DeptError('bad-input', 'There are no answers to score', {
      expected: 'one question or more',
      got: 'none',
    });
  }
  const bare = items.find((item) => item.answers.length === 0);
  if (bare !== undefined) {
    throw new DeptError('bad-input', `Question ${bare.id} has no answers to compare with`, {
      expected: 'ten answers for every question',
      got: 'none',
      remedy: 'Leave the question out, or give its answers',
    });
  }
  const scores = items.map((item) => vqaAccuracy(item.prediction, item.answers, variant));
  return {
    accuracy: percent(mean(scores)),
    perAnswerType: perGroup(items, scores, 'answerType'),
    perQuestionType: perGroup(items, scores, 'questionType'),
    perItem: items.map(({ id }, i) => ({ id, score: scores[i]! })),
  };
}
