/** Whole caption evaluations against pycocoevalcap, and against published numbers. */
import { expect, test } from 'vitest';
import { bleu } from '../../engine/metrics/bleu.ts';
import {
  type CaptionItem,
  type CaptionMetrics,
  type CaptionScores,
  scoreCaptions,
} from '../../engine/metrics/captions.ts';
import { cider } from '../../engine/metrics/cider.ts';
import { rougeL } from '../../engine/metrics/rouge-l.ts';
import { compared } from '../fidelity/compared.ts';
import { haveOracles, readOracle } from './oracles.ts';
import { compareScores, golden, METEOR, NGRAM_METRICS, type ReferenceScores } from './reference-scores.ts';
import { definitions } from './wordnet-texts.ts';

const row = { area: 'Caption metrics', against: 'pycocoevalcap 1.2', measure: 'absolute', allowed: 1e-9 } as const;
const meteorRow = { ...row, against: 'METEOR 1.5 without its paraphrases' };

const close = (value: number) => expect.closeTo(value, 6);

const itemsOf = (hyps: readonly string[], refs: readonly (readonly string[])[]): CaptionItem[] =>
  hyps.map((prediction, i) => ({ id: `${i}`, prediction, references: refs[i]! }));

interface Oracle {
  readonly coco_debug10: OracleSet & {
    readonly refs: Record<string, string[]>;
    readonly hyps: Record<string, [string]>;
  };
  readonly published_examples: Record<string, OracleSet & { readonly hyps: string[]; readonly refs: string[][] }>;
}
interface OracleSet {
  readonly perItem: readonly OracleItem[];
  readonly corpus?: OracleTotal;
  readonly recomputed?: OracleTotal;
}
interface OracleItem {
  readonly id: string | number;
  readonly Bleu: readonly number[];
  readonly ROUGE_L: number;
  readonly CIDEr: number;
}
type OracleTotal = Record<'Bleu_1' | 'Bleu_2' | 'Bleu_3' | 'Bleu_4' | 'ROUGE_L' | 'CIDEr', number>;

/** The four sets of the oracle: ten images of COCO and three published examples. */
function oracleSets(): { name: string; items: CaptionItem[]; expected: ReferenceScores }[] {
  const { coco_debug10: coco, published_examples: examples } = readOracle<Oracle>('caption_metrics_oracle.json');
  const images = coco.perItem.map(({ id }) => String(id)); // an object's own order of numbers is another
  const all = {
    ...examples,
    coco_debug10: { ...coco, hyps: images.map((id) => coco.hyps[id]![0]), refs: images.map((id) => coco.refs[id]!) },
  };
  return Object.entries(all).map(([name, { hyps, refs, corpus, recomputed, perItem }]) => {
    const total = (corpus ?? recomputed)!;
    return {
      name,
      items: itemsOf(hyps, refs),
      expected: {
        corpus: [total.CIDEr, total.Bleu_1, total.Bleu_2, total.Bleu_3, total.Bleu_4, total.ROUGE_L],
        perItem: perItem.map(({ CIDEr, Bleu, ROUGE_L }) => [CIDEr, ...Bleu, ROUGE_L]),
      },
    };
  });
}

compared(
  {
    ...row,
    what: 'CIDEr, BLEU, ROUGE-L of four published sets, all and each',
    against: 'the oracles',
    skip: !haveOracles,
  },
  (differences) => {
    for (const { name, items, expected } of oracleSets()) {
      compareScores(differences, scoreCaptions(items), expected, NGRAM_METRICS, name);
    }
  },
);

compared({ ...meteorRow, what: 'METEOR of four published sets, all and each', skip: !haveOracles }, (differences) => {
  const { oracles } = golden<{ oracles: Record<string, ReferenceScores> }>('meteor.json');
  for (const { name, items } of oracleSets()) {
    compareScores(differences, scoreCaptions(items), oracles[name]!, [METEOR], name);
  }
});

const edges = golden<Record<string, ReferenceScores & { items: [string, string[]][] }>>('edge.json');
for (const [about, names] of [
  [{ ...row, what: 'CIDEr, BLEU, ROUGE-L of odd sets: empty, one word, nothing in common, one image' }, NGRAM_METRICS],
  [{ ...meteorRow, what: 'METEOR of odd sets: empty, one word, nothing in common, one image' }, [METEOR]],
] as const) {
  compared(about, (differences) => {
    for (const [name, { items, ...expected }] of Object.entries(edges)) {
      const scores = scoreCaptions(
        itemsOf(
          items.map(([own]) => own),
          items.map(([, references]) => references),
        ),
      );
      compareScores(differences, scores, expected, names, name);
    }
  });
}

let scored: CaptionScores | undefined;
/** Scored once, for both rows. */
function scoredDefinitions(): CaptionScores {
  const own = () =>
    definitions().map(([prediction, ...references], i) => ({ id: `${i}`, prediction: prediction!, references }));
  scored ??= scoreCaptions(own());
  return scored;
}

compared({ ...row, what: 'CIDEr, BLEU, ROUGE-L of 1,200 definitions of WordNet, all and each' }, (differences) => {
  compareScores(differences, scoredDefinitions(), golden('definitions.json'), NGRAM_METRICS, 'definitions');
});

compared({ ...meteorRow, what: 'METEOR of 1,200 definitions of WordNet, all and each' }, (differences) => {
  compareScores(differences, scoredDefinitions(), golden('definitions.json'), [METEOR], 'definitions');
});

compared({ ...row, what: 'CIDEr, BLEU, ROUGE-L of 5,472 captions of AudioCaps, all and each' }, (differences) => {
  const { captions, corpus, perItem } = golden<ReferenceScores & { captions: string[][] }>('audiocaps.json');
  const tokens = captions.map((own) => own.map((caption) => caption.split(' ')));
  const items = tokens.map(([hypothesis, ...references]) => ({ hypothesis: hypothesis!, references }));
  const [ciders, bleus, rouges] = [cider(items), bleu(items), rougeL(items)];
  differences.values([ciders.corpus, ...bleus.corpus, rouges.corpus], corpus.slice(0, 6), 'all');
  perItem.forEach((expected, i) => {
    const own = [ciders.perItem[i]!, ...bleus.perItem[i]!, rouges.perItem[i]!];
    differences.values(own, expected.slice(0, 6), `caption ${i}`);
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
  const bleus = { 'BLEU-1': 0, 'BLEU-2': 0, 'BLEU-3': 0, 'BLEU-4': 0 };
  const zero: CaptionMetrics = { CIDEr: 0, ...bleus, 'ROUGE-L': 0, [METEOR]: 0 };
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
