/** VL-T5's topk score: what the exact generated string is worth among the answers a model may give. Spec 4.1. */
import { softLabels } from './soft-labels.ts';
import type { VqaItem } from './vqa-accuracy.ts';

/** Scores from 0 to 1. */
export interface TopkScores {
  /** The mean over all questions. */
  readonly score: number;
  /** The mean over the questions whose best answer of all is in the vocabulary; 0 where there is none. */
  readonly optimalScore: number;
  readonly optimalQuestions: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Nothing is normalised: a prediction counts as the soft label of that very string, 0 without one.
 * @param items one or more, with raw answers.
 * @param vocabulary see `buildAnswerVocabulary`.
 */
export function topkScore(items: readonly VqaItem[], vocabulary: ReadonlySet<string>): TopkScores {
  const scored = items.map(({ prediction, answers }) => {
    const labels = softLabels(answers, vocabulary);
    const best = Math.max(...softLabels(answers).values());
    return { score: labels.get(prediction) ?? 0, optimal: Math.max(0, ...labels.values()) === best };
  });
  const optimal = scored.filter((each) => each.optimal).map(({ score }) => score);
  return {
    score: mean(scored.map(({ score }) => score)),
    optimalScore: optimal.length === 0 ? 0 : mean(optimal),
    optimalQuestions: optimal.length,
  };
}
