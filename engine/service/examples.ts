/** A split of a dataset as training examples: token ids, the target of one access, the picture (spec 2.4). */
import { DeptError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { Dataset } from '../data/dataset.ts';
import type { QuestionItem } from '../data/items.ts';
import { buildAnswerVocabulary, softLabels } from '../metrics/soft-labels.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Target } from '../vision-language/target-feeds.ts';
import { taskText } from '../vision-language/tasks.ts';

export interface Example {
  readonly imageId: string;
  readonly text: readonly number[];
  readonly target: Target;
}

/** An example before it is cut into tokens. */
export interface ExampleWords {
  readonly imageId: string;
  /** What the encoder reads, task prefix in. */
  readonly text: string;
  readonly target: string;
  readonly score: number;
}

export interface ExampleSource {
  readonly count: number;
  /** Rough length of each example, for bucketing: its characters. */
  readonly lengths: Uint16Array;
  /** Example i as it is met in this epoch. */
  at(i: number, epoch: number): Example;
  /** The same in words. */
  wordsAt(i: number, epoch: number): ExampleWords;
}

/** People's answers to score against. The rules are made for ten; fewer are repeated, so that one answer counts fully. */
export function tenAnswers(answers: readonly string[]): readonly string[] {
  if (answers.length === 0 || answers.length >= 10) return answers;
  return Array.from({ length: 10 }, (_, i) => answers[i % answers.length]!);
}

/** What decides the target of a question. */
export interface AnswerRule {
  readonly sampling: TrainConfig['answerSampling'];
  /** The only answers that soft labels keep; undefined: all. */
  readonly vocabulary?: ReadonlySet<string> | undefined;
}

/** An answer drawn in proportion to its soft score, with that score; nothing to learn (score 0) where there is none. */
export function drawAnswer(
  answers: readonly string[],
  { sampling, vocabulary }: AnswerRule,
  random: Random,
): { readonly answer: string; readonly score: number } {
  if (sampling === 'raw' && answers.length > 0) return { answer: random.pick(answers), score: 1 };
  const labels = [...softLabels(tenAnswers(answers), vocabulary)];
  let left = random.uniform() * labels.reduce((sum, [, score]) => sum + score, 0);
  const drawn = labels.find(([, score]) => {
    left -= score;
    return left < 0;
  });
  const [answer, score] = drawn ?? labels.at(-1) ?? ['', 0];
  return { answer, score };
}

/** The answer that most people gave, the first of several; undefined where nobody gave one. */
function mostCommon(answers: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return answers.find((answer) => counts.get(answer) === most);
}

/** The most common answers of at least `minimum` questions (spec 4.1.1); undefined, which keeps all answers, for 1. */
export function answerVocabulary(questions: Iterable<QuestionItem>, minimum: number): ReadonlySet<string> | undefined {
  if (minimum === 1) return undefined;
  const answers = Iterator.from(questions).map((question) => mostCommon(question.answers));
  return new Set(
    buildAnswerVocabulary(
      answers.filter((answer) => answer !== undefined),
      minimum,
    ),
  );
}

function requireExamples(count: number, dataset: Dataset, split: string, what: string): void {
  if (count > 0) return;
  throw new DeptError('bad-input', `The split '${split}' of '${dataset.info.name}' has no ${what}`, {
    expected: `a split with ${what}`,
    got: dataset.splits().join(', '),
    remedy: 'Choose another task, or import the missing part.',
  });
}

type SourceConfig = Pick<
  TrainConfig,
  'task' | 'maxTextLength' | 'targetLength' | 'answerSampling' | 'answerMinimum' | 'seed'
>;

/** Reading all lengths takes a moment where there are many examples. */
interface WordSource extends Pick<ExampleSource, 'count' | 'wordsAt'> {
  readonly lengths: () => Uint16Array;
}

function questionSource(dataset: Dataset, split: string, config: SourceConfig): WordSource {
  const count = dataset.questionCount(split);
  requireExamples(count, dataset, split, 'questions');
  const lengths = () => Uint16Array.from(dataset.questions(split), ({ question }) => question.length);
  const vocabulary = answerVocabulary(dataset.questions(split), config.answerMinimum);
  const rule = { sampling: config.answerSampling, vocabulary };
  return {
    count,
    lengths,
    wordsAt: (i, epoch) => {
      const { imageId, question, answers } = dataset.questionAt(split, i);
      const { answer, score } = drawAnswer(answers, rule, new Random(config.seed, 'answer', epoch, i));
      return { imageId, text: taskText('vqa', question), target: answer, score };
    },
  };
}

function captionSource(dataset: Dataset, split: string): WordSource {
  const count = dataset.captionCount(split);
  requireExamples(count, dataset, split, 'captions');
  const lengths = () => Uint16Array.from(dataset.captions(split), ({ caption }) => caption.length);
  const text = taskText('caption');
  return {
    count,
    lengths,
    wordsAt: (i) => {
      const { imageId, caption } = dataset.captionAt(split, i);
      return { imageId, text, target: caption.trim(), score: 1 };
    },
  };
}

/** The items that examples are made of, in the order of the source; `limit` keeps the first ones only. */
export function exampleItems(
  dataset: Dataset,
  split: string,
  task: TrainConfig['task'],
  limit: number | null,
): IteratorObject<{ readonly imageId: string }> {
  const items = task === 'vqa' ? dataset.questions(split) : dataset.captions(split);
  return items.take(limit ?? Number.POSITIVE_INFINITY);
}

/** The examples of a split; `limit` keeps the first ones only. Throws `bad-input` for a split without any. */
export function exampleSource(
  dataset: Dataset,
  split: string,
  tokenizer: Tokenizer,
  config: SourceConfig,
  limit: number | null = null,
): ExampleSource {
  const source = config.task === 'vqa' ? questionSource(dataset, split, config) : captionSource(dataset, split);
  const count = Math.min(source.count, limit ?? source.count);
  const { maxTextLength, targetLength } = config;
  let lengths: Uint16Array | undefined;
  return {
    count,
    get lengths() {
      lengths ??= source.lengths().subarray(0, count);
      return lengths;
    },
    wordsAt: source.wordsAt,
    at: (i, epoch) => {
      const { imageId, text, target, score } = source.wordsAt(i, epoch);
      return {
        imageId,
        text: tokenizer.encode(text, { maxLength: maxTextLength }),
        target: { ids: tokenizer.encode(target, { maxLength: targetLength }), score },
      };
    },
  };
}
