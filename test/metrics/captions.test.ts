/** Whole caption evaluations against published numbers. */
import { describe, expect, test } from 'vitest';
import { bleu } from '../../engine/metrics/bleu.ts';
import { captionTokens } from '../../engine/metrics/caption-tokens.ts';
import { type CaptionItem, type CaptionMetrics, scoreCaptions } from '../../engine/metrics/captions.ts';
import { haveOracles, readOracle } from './oracles.ts';

interface Numbers {
  readonly Bleu_1: number;
  readonly Bleu_2: number;
  readonly Bleu_3: number;
  readonly Bleu_4: number;
  readonly ROUGE_L: number;
  readonly CIDEr: number;
}
interface ItemNumbers {
  readonly Bleu: readonly [number, number, number, number];
  readonly ROUGE_L: number;
  readonly CIDEr: number;
}
interface Example {
  readonly hyps: string[];
  readonly refs: string[][];
  readonly published: Numbers;
  readonly recomputed: Numbers;
  readonly perItem: ItemNumbers[];
}
interface Oracle {
  readonly coco_debug10: {
    readonly refs: Record<string, string[]>;
    readonly hyps: Record<string, [string]>;
    readonly tokenizedRefs: Record<string, string[]>;
    readonly tokenizedHyps: Record<string, [string]>;
    readonly corpus: Numbers;
    readonly perItem: (ItemNumbers & { id: string })[];
  };
  readonly published_examples: Record<string, Example>;
}

const close = (value: number) => expect.closeTo(value, 6);
const corpusNumbers = ({ Bleu_1, Bleu_2, Bleu_3, Bleu_4, ROUGE_L, CIDEr }: Numbers) =>
  itemNumbers({ Bleu: [Bleu_1, Bleu_2, Bleu_3, Bleu_4], ROUGE_L, CIDEr });
const itemNumbers = ({ Bleu, ROUGE_L, CIDEr }: ItemNumbers) => ({
  CIDEr: close(CIDEr),
  'BLEU-1': close(Bleu[0]),
  'BLEU-2': close(Bleu[1]),
  'BLEU-3': close(Bleu[2]),
  'BLEU-4': close(Bleu[3]),
  'ROUGE-L': close(ROUGE_L),
});

const itemsOf = (hyps: readonly string[], refs: readonly (readonly string[])[]): CaptionItem[] =>
  hyps.map((prediction, i) => ({ id: `${i}`, prediction, references: refs[i]! }));

describe.skipIf(!haveOracles)('published sets (needs ../shared)', () => {
  const oracle = haveOracles ? readOracle<Oracle>('caption_metrics_oracle.json') : undefined;

  test('ten images of COCO: tokens, corpus, every image', () => {
    const { refs, hyps, tokenizedRefs, tokenizedHyps, corpus, perItem } = oracle!.coco_debug10;
    const written = (captions: readonly string[]) => captionTokens(captions).map((tokens) => tokens.join(' '));
    expect(written(Object.values(refs).flat())).toEqual(Object.values(tokenizedRefs).flat());
    expect(written(Object.values(hyps).flat())).toEqual(Object.values(tokenizedHyps).flat());

    const items = Object.entries(hyps).map(([id, [prediction]]) => ({ id, prediction, references: refs[id]! }));
    const { perItem: scores, ...metrics } = scoreCaptions(items);
    expect(metrics).toEqual(corpusNumbers(corpus));
    const expected = new Map(perItem.map(({ id, ...numbers }) => [id, itemNumbers(numbers)]));
    expect(scores).toEqual(items.map(({ id }) => ({ id, ...expected.get(id) })));
  });

  test.each(['language_evaluation_readme', 'nlg_eval_corpus', 'nlg_eval_single'])('%s', (name) => {
    const { hyps, refs, recomputed, perItem } = oracle!.published_examples[name]!;
    const { perItem: scores, ...metrics } = scoreCaptions(itemsOf(hyps, refs));
    expect(metrics).toEqual(corpusNumbers(recomputed));
    expect(scores).toEqual(perItem.map((numbers, i) => ({ id: `${i}`, ...itemNumbers(numbers) })));
  });
});

test('published pairs', () => {
  const swapped = scoreCaptions(itemsOf(['i am a boy', 'she is a girl'], [['am i a boy ?'], ['is she a girl ?']]));
  expect(swapped).toMatchObject({
    CIDEr: close(3.3333333),
    'BLEU-1': close(0.99999999975),
    'BLEU-2': close(0.57735027),
    'BLEU-3': close(4.3679023e-6),
    'ROUGE-L': close(0.75),
  });
  // the README of aac-metrics: CIDEr-D 0.9614 (1.3641, 0.5587), BLEU-1 0.4278
  const audio = scoreCaptions(
    itemsOf(
      ['a man is speaking', 'rain falls'],
      [
        ['a man speaks.', 'someone speaks.', 'a man is speaking while a bird is chirping in the background'],
        ['rain is falling hard on a surface'],
      ],
    ),
  );
  expect(audio.CIDEr).toBeCloseTo(0.9614, 4);
  expect(audio['BLEU-1']).toBeCloseTo(0.4278, 4);
  expect(audio.perItem.map(({ CIDEr }) => CIDEr)).toEqual([expect.closeTo(1.3641, 4), expect.closeTo(0.5587, 4)]);
});

test('one image alone has no CIDEr, and its other metrics are the corpus ones', () => {
  const { perItem, ...metrics } = scoreCaptions([{ id: '7', prediction: 'A red bus.', references: ['a red bus'] }]);
  expect(metrics).toMatchObject({ CIDEr: 0, 'BLEU-1': close(1), 'ROUGE-L': 1 });
  expect(perItem).toEqual([{ id: '7', ...metrics }]);
});

test('an empty prediction scores 0 in everything', () => {
  const items = itemsOf(['', 'a cat'], [['a red bus'], ['a cat']]);
  const zero: CaptionMetrics = { CIDEr: 0, 'BLEU-1': 0, 'BLEU-2': 0, 'BLEU-3': 0, 'BLEU-4': 0, 'ROUGE-L': 0 };
  expect(scoreCaptions(items).perItem[0]).toEqual({ id: '0', ...zero });
});

test('a mixed fraction is one token for ROUGE-L and two for BLEU', () => {
  const items = itemsOf(['1 1/2 cups of rice'], [['1 1/2 pounds']]);
  const { 'BLEU-1': bleu1, 'ROUGE-L': rouge } = scoreCaptions(items);
  const [hypothesis, reference] = [
    ['1', '1/2', 'cups', 'of', 'rice'],
    ['1', '1/2', 'pounds'],
  ];
  expect(bleu1).toBe(bleu([{ hypothesis, references: [reference] }]).corpus[0]);
  expect(rouge).toBeCloseTo((2.44 * (1 / 4) * (1 / 2)) / (1 / 2 + 1.44 * (1 / 4)), 12);
});

test('nothing to score, or an image without references, is refused', () => {
  expect(() => scoreCaptions([])).toThrow(expect.objectContaining({ code: 'bad-input' }));
  expect(() => scoreCaptions([{ id: '7', prediction: 'a', references: [] }])).toThrow('Image 7');
});
