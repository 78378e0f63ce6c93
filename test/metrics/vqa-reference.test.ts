/** 400 made-up questions against the VQA evaluator, and soft labels, vocabulary and topk score against their formulas. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildAnswerVocabulary, softLabels } from '../../engine/metrics/soft-labels.ts';
import { type TopkScores, topkScore } from '../../engine/metrics/topk-score.ts';
import { scoreVqa } from '../../engine/metrics/vqa-accuracy.ts';
import { compared } from '../fidelity/compared.ts';

interface Golden {
  readonly questions: readonly {
    readonly question_id: number;
    readonly answer_type: string;
    readonly question_type: string;
    readonly answers: readonly string[];
    readonly prediction: string;
  }[];
  readonly accuracy: Record<'perQuestionType' | 'perAnswerType', Record<string, number>> & { readonly overall: number };
  /** Percent. */
  readonly perItem: readonly number[];
  readonly mostCommon: readonly string[];
  readonly vocabulary: readonly string[];
  readonly labels: readonly Record<string, number>[];
  readonly topk: TopkScores;
}
const golden = JSON.parse(readFileSync(new URL('../golden/vqa.json', import.meta.url), 'utf8')) as Golden;
const items = golden.questions.map((question) => ({
  id: `${question.question_id}`,
  prediction: question.prediction,
  answers: question.answers,
  answerType: question.answer_type,
  questionType: question.question_type,
}));

const row = { area: 'VQA accuracy', measure: 'absolute', allowed: 1e-12 } as const;

compared({ ...row, what: '400 questions: each, all, per type', against: 'salesforce-lavis 1.0.2' }, (differences) => {
  const scores = scoreVqa(items, 'vl-t5');
  scores.perItem.forEach(({ score }, i) => {
    differences.values(100 * score, golden.perItem[i]!, `question ${i}`);
  });
  differences.values(scores.accuracy, golden.accuracy.overall, 'overall');
  for (const table of ['perAnswerType', 'perQuestionType'] as const) {
    expect(Object.keys(scores[table]).sort()).toEqual(Object.keys(golden.accuracy[table]).sort());
    for (const [type, expected] of Object.entries(golden.accuracy[table])) {
      differences.values(scores[table][type]!, expected, type);
    }
  }
});

const formulas = { ...row, against: 'the formulas in Python' };
const vocabulary = new Set(golden.vocabulary);

compared(
  { ...formulas, what: 'answer vocabulary of 400 questions', measure: 'identical', allowed: 0 },
  (differences) => {
    differences.same(buildAnswerVocabulary(golden.mostCommon), golden.vocabulary, 'answers');
  },
);

compared({ ...formulas, what: 'soft labels of 400 questions', measure: 'identical', allowed: 0 }, (differences) => {
  golden.questions.forEach(({ answers }, i) => {
    differences.same(Object.fromEntries(softLabels(answers, vocabulary)), golden.labels[i], `question ${i}`);
  });
});

compared({ ...formulas, what: 'topk score of 400 questions' }, (differences) => {
  const { score, optimalScore, optimalQuestions } = topkScore(items, vocabulary);
  const { topk } = golden;
  differences.values([score, optimalScore], [topk.score, topk.optimalScore], 'scores');
  differences.values(optimalQuestions, topk.optimalQuestions, 'questions');
});

test('the topk score takes a prediction as it stands, and is 0 where no best answer may be given', () => {
  const answers = [...Array(9).fill('two'), '2'];
  const asked = { id: '1', prediction: '2', answers };
  expect(topkScore([asked], new Set(['2']))).toEqual({ score: 0.3, optimalScore: 0, optimalQuestions: 0 });
  expect(topkScore([{ ...asked, prediction: 'Two' }], new Set(['two']))).toEqual({
    score: 0,
    optimalScore: 0,
    optimalQuestions: 1,
  });
});
