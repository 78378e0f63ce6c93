/** Made-up evaluations, for tests of the store: a run without models, items with scores. */

import { Random } from '../../engine/common/random.ts';
import type { EvaluationItem, EvaluationSummary } from '../../engine/contract/evaluations.ts';
import type { RunFolder } from '../../engine/runs/run-folder.ts';
import { createRun } from '../../engine/runs/run-library.ts';
import { evaluationId } from '../../engine/service/evaluation-store.ts';

export const decoding = {
  beams: 1,
  maxLength: 20,
  minLength: 0,
  lengthPenalty: 1,
  earlyStopping: false,
  noRepeatNgram: 0,
  repetitionPenalty: 1,
} as const;

export function makeRun(
  home: string,
  config: Readonly<Record<string, unknown>> = { task: 'vqa', steps: 8 },
): RunFolder {
  return createRun(home, { label: 'made', config, fingerprints: { 'training data': 'abc' }, versions: {} });
}

export function summaryOf(run: RunFolder, changes: Partial<EvaluationSummary> = {}): EvaluationSummary {
  const summary: EvaluationSummary = {
    id: '',
    run: run.id,
    dataset: 'small',
    split: 'test',
    task: 'vqa',
    step: 8,
    checkpoint: 'best',
    created: '2026-11-24T03:00:00.000Z',
    seconds: 12,
    examples: 3,
    metrics: { accuracy: 43.33 },
    decoding,
    versions: { 'dept-studio': '0.1.0' },
    ...changes,
  };
  return { ...summary, id: changes.id ?? evaluationId(summary) };
}

export function itemOf(id: string, changes: Partial<EvaluationItem> = {}): EvaluationItem {
  const item = { id, imageId: `test/${id}`, question: 'what is it?', prediction: 'red', references: ['red', 'blue'] };
  return { ...item, score: 30, ...changes };
}

const WORDS = ['Red', 'blue', 'ÄRGER', 'straße', '100%', 'a_b', "it's", 'İstanbul', '日本', 'two  words'];

/** Answers with all kinds of letters, many equal scores, some without types. */
export function manyItems(count: number, seed = 1): EvaluationItem[] {
  const random = new Random(seed, 'items');
  const words = (most: number): string =>
    Array.from({ length: 1 + Math.floor(random.uniform() * most) }, () => random.pick(WORDS)).join(' ');
  return Array.from({ length: count }, (_, i) => {
    const typed = random.uniform() < 0.9;
    return {
      id: String(1000 + i),
      imageId: `test/${Math.floor(i / 3)}`,
      question: `${words(4)}?`,
      prediction: words(2),
      references: Array.from({ length: 3 }, () => words(2)),
      score: random.pick([0, 30, 60, 90, 100]),
      ...(typed
        ? { answerType: random.pick(['yes/no', 'number', 'other']), questionType: random.pick(['is', 'what']) }
        : {}),
    };
  });
}
