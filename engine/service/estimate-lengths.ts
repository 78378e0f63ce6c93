/** How long the batches of a run are, from a sample of its examples. */
import type { TrainConfig } from '../contract/train-config.ts';
import type { Extents } from '../graph/dim.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { ExampleSource, ExampleWords } from './examples.ts';

export interface TypicalLengths {
  /** Of a typical batch: `batch`, `text` and `target` (padded), `counted` (target tokens). */
  readonly extents: Extents & Readonly<Record<'batch' | 'text' | 'target' | 'counted', number>>;
  /** Mean tokens of a text and of a target. */
  readonly text: number;
  readonly target: number;
  /** Share of the texts and of the targets that are cut. */
  readonly textsCut: number;
  readonly targetsCut: number;
}

/** Examples that are looked at, and batches of them that are cut into tokens. */
const EXAMPLES = 4096;
const BATCHES = 8;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Batches as training makes them: examples from all over the split, those of similar length together. */
function sampleBatches({ count, wordsAt }: ExampleSource, { task, batchSize }: TrainConfig): ExampleWords[][] {
  const size = Math.min(batchSize, count);
  const taken = Math.min(count, Math.max(size, Math.floor(EXAMPLES / size) * size));
  const words = Array.from({ length: taken }, (_, i) => wordsAt(Math.floor((i * count) / taken), 0));
  const length = ({ text, target }: ExampleWords): number => (task === 'vqa' ? text : target).length;
  words.sort((a, b) => length(a) - length(b));
  const all = Math.floor(taken / size);
  const chosen = Math.min(all, BATCHES);
  return Array.from({ length: chosen }, (_, i) => {
    const start = Math.floor(((i + 0.5) * all) / chosen) * size;
    return words.slice(start, start + size);
  });
}

export function typicalLengths(source: ExampleSource, tokenizer: Tokenizer, config: TrainConfig): TypicalLengths {
  const batches = sampleBatches(source, config);
  const whole = batches.map((batch) => ({
    texts: batch.map(({ text }) => tokenizer.encode(text).length),
    targets: batch.map(({ target }) => tokenizer.encode(target).length),
  }));
  const { maxTextLength, targetLength } = config;
  const cut = (lengths: readonly number[], limit: number): number[] => lengths.map((length) => Math.min(length, limit));
  const texts = whole.map((batch) => cut(batch.texts, maxTextLength));
  const targets = whole.map((batch) => cut(batch.targets, targetLength));
  const tooLong = (lengths: readonly number[], limit: number): number =>
    mean(lengths.map((length) => Number(length > limit)));
  const longest = (of: readonly (readonly number[])[]): number => mean(of.map((batch) => Math.max(...batch)));
  return {
    extents: {
      batch: batches[0]!.length,
      text: longest(texts),
      target: longest(targets),
      counted: mean(targets.map((batch) => batch.reduce((sum, length) => sum + length, 0))),
    },
    text: mean(texts.flat()),
    target: mean(targets.flat()),
    textsCut: tooLong(
      whole.flatMap((batch) => batch.texts),
      maxTextLength,
    ),
    targetsCut: tooLong(
      whole.flatMap((batch) => batch.targets),
      targetLength,
    ),
  };
}
