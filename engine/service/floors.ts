/** Scores that need no learning, to hold a trained model against. */
import type { Dataset } from '../data/dataset.ts';
import type { Reference } from './scoring.ts';
import type { VisualTokens } from './visual-features.ts';

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0])[0];
}

function countInto(counts: Map<string, number>, answers: readonly string[]): void {
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
}

/** For each question the answer that people gave most often to the same words on `split`; new words get the commonest. */
export function questionOnlyAnswers(dataset: Dataset, split: string, references: readonly Reference[]): string[] {
  const byText = new Map<string, Map<string, number>>();
  const overall = new Map<string, number>();
  for (const { question, answers } of dataset.questions(split)) {
    const counts = byText.get(question) ?? new Map<string, number>();
    byText.set(question, counts);
    countInto(counts, answers);
    countInto(overall, answers);
  }
  const answers = new Map([...byText].map(([text, counts]) => [text, mostFrequent(counts)]));
  const fallback = mostFrequent(overall);
  return references.map(({ question }) => answers.get(question!) ?? fallback);
}

/** A picture's visual tokens, all `size` values in one vector of length 1. */
function direction(imageId: string, read: VisualTokens['read'], size: number): Float32Array {
  const values = new Float32Array(size);
  read(imageId, values, 0);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / norm);
}

/** For each picture the first caption of that picture of `split` whose visual tokens have the largest cosine with its own. */
export function nearestCaptions(
  dataset: Dataset,
  split: string,
  references: readonly Reference[],
  read: VisualTokens['read'],
  size: number,
): string[] {
  const known = Array.from(dataset.captionGroups(split), ({ image, captions }) => ({
    caption: captions[0]!,
    values: direction(image.id, read, size),
  }));
  return references.map(({ imageId }) => {
    const own = direction(imageId, read, size);
    let best = { cosine: Number.NEGATIVE_INFINITY, caption: '' };
    for (const { caption, values } of known) {
      let cosine = 0;
      for (let i = 0; i < size; i += 1) cosine += own[i]! * values[i]!;
      if (cosine > best.cosine) best = { cosine, caption };
    }
    return best.caption;
  });
}
