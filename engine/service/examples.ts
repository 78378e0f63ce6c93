/** A split of a dataset as training examples: token ids, the target of one access, the picture (spec 2.4). */
import { DeptError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { Dataset } from '../data/dataset.ts';
import { softLabels } from '../metrics/soft-labels.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Target } from '../vision-language/target-feeds.ts';
import { taskText } from '../vision-language/tasks.ts';

export interface Example {
  readonly imageId: string;
  readonly text: readonly number[];
  readonly target: Target;
}

export interface ExampleSource {
  readonly count: number;
  /** Rough length of each example, for bucketing: its characters. */
  readonly lengths: Uint16Array;
  /** Example i as it is met in this epoch. */
  at(i: number, epoch: number): Example;
}

/** People's answers to score against. The rules are made for ten; fewer are repeated, so that one answer counts fully. */
export function tenAnswers(answers: readonly string[]): readonly string[] {
  if (answers.length === 0 || answers.length >= 10) return answers;
  return Array.from({ length: 10 }, (_, i) => answers[i % answers.length]!);
}

/** An answer drawn in proportion to its soft score, with that score; nothing to learn where there is none. */
export function drawAnswer(
  answers: readonly string[],
  sampling: 'soft' | 'raw',
  random: Random,
): {
  answer: string;
  score: number;
} {
  if (answers.length === 0) return { answer: '', score: 0 };
  if (sampling === 'raw') return { answer: random.pick(answers), score: 1 };
  const labels = [...softLabels(tenAnswers(answers))];
  let left = random.uniform() * labels.reduce((sum, [, score]) => sum + score, 0);
  const drawn = labels.find(([, score]) => {
    left -= score;
    return left < 0;
  });
  const [answer, score] = drawn ?? labels.at(-1)!;
  return { answer, score };
}

function requireExamples(count: number, dataset: Dataset, split: string, what: string): void {
  if (count > 0) return;
  throw new DeptError('bad-input', `The split '${split}' of '${dataset.info.name}' has no ${what}`, {
    expected: `a split with ${what}`,
    got: dataset.splits().join(', '),
    remedy: 'Choose another task, or import the missing part.',
  });
}

type SourceConfig = Pick<TrainConfig, 'task' | 'maxTextLength' | 'targetLength' | 'answerSampling' | 'seed'>;

function questionSource(dataset: Dataset, split: string, tokenizer: Tokenizer, config: SourceConfig): ExampleSource {
  const count = dataset.questionCount(split);
  requireExamples(count, dataset, split, 'questions');
  const lengths = Uint16Array.from(dataset.questions(split), ({ question }) => question.length);
  return {
    count,
    lengths,
    at: (i, epoch) => {
      const { imageId, question, answers } = dataset.questionAt(split, i);
      const random = new Random(config.seed, 'answer', epoch, i);
      const { answer, score } = drawAnswer(answers, config.answerSampling, random);
      const text = tokenizer.encode(taskText('vqa', question), { maxLength: config.maxTextLength });
      return { imageId, text, target: { ids: tokenizer.encode(answer, { maxLength: config.targetLength }), score } };
    },
  };
}

function captionSource(dataset: Dataset, split: string, tokenizer: Tokenizer, config: SourceConfig): ExampleSource {
  const count = dataset.captionCount(split);
  requireExamples(count, dataset, split, 'captions');
  const lengths = Uint16Array.from(dataset.captions(split), ({ caption }) => caption.length);
  const text = tokenizer.encode(taskText('caption'), { maxLength: config.maxTextLength });
  return {
    count,
    lengths,
    at: (i) => {
      const { imageId, caption } = dataset.captionAt(split, i);
      return {
        imageId,
        text,
        target: { ids: tokenizer.encode(caption.trim(), { maxLength: config.targetLength }), score: 1 },
      };
    },
  };
}

/** The examples of a split; `limit` keeps the first ones only. Throws `bad-input` for a split without any. */
export function exampleSource(
  dataset: Dataset,
  split: string,
  tokenizer: Tokenizer,
  config: SourceConfig,
  limit: number | null = null,
): ExampleSource {
  const source = (config.task === 'vqa' ? questionSource : captionSource)(dataset, split, tokenizer, config);
  const count = Math.min(source.count, limit ?? source.count);
  return { ...source, count, lengths: source.lengths.subarray(0, count) };
}
