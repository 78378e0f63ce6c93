/** Training targets of VQA: people's answers, each with the score it would get. */
import { normaliseAnswer } from './vqa-normalisation.ts';

/** Score of an answer that one, two, three people gave; four are enough for 1. */
const SCORES = [0, 0.3, 0.6, 0.9] as const;

function countsOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * Answer to score, by how many of the people gave that very string (nothing is normalised). Spec 4.1.
 * @param vocabulary leaves out answers that are not in it; empty when none is.
 */
export function softLabels(answers: readonly string[], vocabulary?: ReadonlySet<string>): Map<string, number> {
  const labels = new Map<string, number>();
  for (const [answer, count] of countsOf(answers)) {
    if (vocabulary === undefined || vocabulary.has(answer)) labels.set(answer, SCORES[count] ?? 1);
  }
  return labels;
}

/**
 * The answers a model may be trained to give: normalised most common answers (`multiple_choice_answer`) that occur often
 * enough, in the order in which they first occur. Spec 4.1.1.
 * @param minimumCount 9 on train and val together gives the usual 3,129 answers of VQA v2.
 */
export function buildAnswerVocabulary(mostCommonAnswers: Iterable<string>, minimumCount = 9): string[] {
  const normalised = Array.from(mostCommonAnswers, (answer) => normaliseAnswer(answer).replaceAll(',', ''));
  return [...countsOf(normalised)].filter(([, count]) => count >= minimumCount).map(([answer]) => answer);
}
