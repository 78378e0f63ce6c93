/** What people said about a split's pictures, and how well predictions agree with it. */
import { DeptError } from '../common/errors.ts';
import type { Metrics } from '../contract/metrics.ts';
import type { Task } from '../contract/train-config.ts';
import type { Dataset } from '../data/dataset.ts';
import { scoreCaptions } from '../metrics/captions.ts';
import { scoreVqa } from '../metrics/vqa-accuracy.ts';
import { normaliseAnswer } from '../metrics/vqa-normalisation.ts';
import { taskText } from '../vision-language/tasks.ts';
import { tenAnswers } from './examples.ts';
import type { Prompt } from './writer.ts';

/** Something to predict, and what people said of it. */
export interface Reference extends Prompt {
  /** The question's id, or the picture's own id (key), as the official result files have it. */
  readonly id: string;
  readonly question?: string;
  /** Ten answers, or the captions. */
  readonly references: readonly string[];
  readonly answerType?: string;
  readonly questionType?: string;
}

/** The rules of scoring are made for VQA v2, whose ten answers come normalised: fewer are brought to that form. */
function scoredAnswers(answers: readonly string[]): readonly string[] {
  return answers.length < 10 ? tenAnswers(answers.map(normaliseAnswer)) : answers;
}

function* questionReferences(dataset: Dataset, split: string): Generator<Reference> {
  for (const { answers, ...question } of dataset.questions(split)) {
    if (answers.length === 0) continue;
    yield { ...question, text: taskText('vqa', question.question), references: scoredAnswers(answers) };
  }
}

function* captionReferences(dataset: Dataset, split: string): Generator<Reference> {
  for (const { image, captions } of dataset.captionGroups(split)) {
    yield { id: image.key, imageId: image.id, text: taskText('caption'), references: captions };
  }
}

/** All of a split that can be scored, in its own order; `limit` keeps the first. Throws `bad-input` where there is nothing. */
export function referencesOf(dataset: Dataset, split: string, task: Task, limit: number | null = null): Reference[] {
  const all = (task === 'vqa' ? questionReferences : captionReferences)(dataset, split);
  const taken = all.take(limit ?? Number.POSITIVE_INFINITY).toArray();
  if (taken.length > 0) return taken;
  throw new DeptError('bad-input', `The split '${split}' of '${dataset.info.name}' has nothing to score`, {
    expected: task === 'vqa' ? 'questions with answers' : 'pictures with captions',
    remedy: 'Choose another split, or import the missing part.',
  });
}

/** One prediction's score in the unit of the metric that it is a part of, and for captions all its metrics. */
export interface ItemScore {
  /** VQA accuracy in percent, or CIDEr. */
  readonly score: number;
  readonly scores?: Readonly<Record<string, number>>;
}

export interface Scores {
  readonly metrics: Metrics;
  /** In the order of the references. */
  readonly items: readonly ItemScore[];
}

/** Of a ratio, without the dust of its sum: 60, not 60.00000000000001. */
const percent = (ratio: number): number => Number((ratio * 100).toFixed(6));

function scoreAnswers(references: readonly Reference[], predictions: readonly string[]): Scores {
  const items = references.map((reference, i) => ({
    ...reference,
    prediction: predictions[i]!,
    answers: reference.references,
  }));
  const { perItem, ...metrics } = scoreVqa(items, 'vl-t5');
  return { metrics, items: perItem.map(({ score }) => ({ score: percent(score) })) };
}

function scoreTexts(references: readonly Reference[], predictions: readonly string[]): Scores {
  const items = references.map(({ id, references: captions }, i) => ({
    id,
    prediction: predictions[i]!,
    references: captions,
  }));
  const { perItem, ...metrics } = scoreCaptions(items);
  return { metrics: { ...metrics }, items: perItem.map(({ id: _, ...scores }) => ({ score: scores.CIDEr, scores })) };
}

/** VQA accuracy as VL-T5 counts it (spec 4.1 a), or the caption metrics: in total and of each prediction. */
export function scoreEach(task: Task, references: readonly Reference[], predictions: readonly string[]): Scores {
  return (task === 'vqa' ? scoreAnswers : scoreTexts)(references, predictions);
}

/** `scoreEach` in total. */
export function score(task: Task, references: readonly Reference[], predictions: readonly string[]): Metrics {
  return scoreEach(task, references, predictions).metrics;
}
