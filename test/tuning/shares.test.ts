/** Table 3's share of updated parameters, from integers: T5-base as the engine builds it, the projection, each method. */
import { expect, test } from 'vitest';
import { updatedShare } from '../../engine/contract/budget.ts';
import { countValues, elementsOf, isTrained } from '../../engine/graph/parameter.ts';
import type { T5Config } from '../../engine/models/t5/config.ts';
import { weightsOfT5 } from '../../engine/service/needed-weights.ts';
import { dept } from '../../engine/tuning/dept.ts';
import { visualShape } from '../../engine/vision-language/image-encoder.ts';
import { vlT5Projection } from '../../engine/vision-language/vl-t5-projection.ts';
import { compared } from '../fidelity/compared.ts';
import published from '../golden/clip-resnet-published.json' with { type: 'json' };
import { frozen, config as tinyConfig } from '../training/tiny.ts';

const base: T5Config = {
  ...tinyConfig,
  vocabularySize: 32_128,
  width: 768,
  headWidth: 64,
  feedForwardWidth: 3072,
  encoderLayers: 12,
  decoderLayers: 12,
  heads: 12,
  relativeBuckets: 32,
  relativeMaxDistance: 128,
};

/** Values of all weights that the engine asks for when it builds T5's graphs, each counted once. */
const countT5 = (config: T5Config): number =>
  weightsOfT5(config)
    .values()
    .reduce((sum, shape) => sum + elementsOf(shape), 0);

test('T5-base has 222,903,552 values', () => {
  expect(countT5(base)).toBe(222_903_552);
});

/** T5-base with rows for the order of visual tokens. */
const language = countT5({ ...base, vocabularySize: 32_200 });
/** CLIP's RN101, layer 4 pooled to 6 x 6. */
const { model_cfg } = published.models.RN101;
const { layers, width: stem, image_size } = model_cfg.vision_cfg;
const [imageSize, blocks] = [image_size, layers as [number, number, number, number]];
const rn101 = { projectionWidth: model_cfg.embed_dim, vision: { imageSize, blocks, width: stem, heads: stem / 2 } };
const seen = visualShape(rn101, { layer: 'last', pool: 6 });
const { width, epsilon } = base;
const visual = vlT5Projection({ tokens: seen.tokens, clipWidth: seen.width, width, epsilon });
const projection = countValues(visual.parameters.filter(isTrained));

/** Values of DePT as the engine makes it, over a T5 of which it needs the width only. */
function countDept(promptLength: number, rank: number, maxTextLength: number): number {
  const options = { promptLength, rank, maxTextLength, promptInit: 'random', initText: '', alpha: 8 } as const;
  return countValues(dept({ ...options, lowRankInit: 'uniform' }, { ...frozen, width }).parameters);
}

/** Values of the method alone (spec 2.6, 3.4), the exact share in percent, and the share as Table 3 prints it. */
const rows = [
  { name: 'projection alone', own: 0, count: 0, exact: 0.7042, printed: null },
  { name: 'DePT', own: countDept(60, 30, 256), count: 76_800, exact: 0.7382, printed: '0.74' },
  {
    name: 'BitFit',
    // biases of 36 attentions, 24 feed-forward layers, 62 norms; the output head; the projection's two norms
    own: 36 * 4 * 768 + 24 * (3072 + 768) + 62 * 768 + 32_200 + 2 * 768,
    count: 284_104,
    exact: 0.8297,
    printed: '0.83',
  },
  {
    name: 'P-Tuning',
    own: 40 * 768 + (768 * 800 + 800) + (800 * 768 + 768),
    count: 1_261_088,
    exact: 1.2588,
    printed: '1.26',
  },
  {
    name: 'LST',
    // 12 + 12 layers of a quarter's width with their gates, two tables of positions, two norms; into it, and out
    own:
      12 * (4 * 192 ** 2 + 2 * 192 * 768 + 2 * 192 + 1) +
      12 * (8 * 192 ** 2 + 2 * 192 * 768 + 3 * 192 + 1) +
      2 * 32 * 12 +
      2 * 192 +
      26 * (768 * 192 + 192) +
      (192 * 768 + 768),
    count: 16_386_072,
    exact: 7.4576,
    printed: '7.46',
  },
  { name: 'LoRA', own: 36 * 2 * (2 * 768 * 150), count: 16_588_800, exact: 7.5354, printed: '7.54' },
  { name: 'Adapters', own: 60 * (2 * 768 * 192 + 192 + 768), count: 17_752_320, exact: 7.9795, printed: '7.98' },
];

test('the model of Table 3 has 224,540,160 values, 1,581,312 of them in the projection', () => {
  expect(seen).toMatchObject({ tokens: 36, width: 2048 });
  expect(projection).toBe(1_581_312);
  expect(language + projection).toBe(224_540_160);
});

test('every split of the budget at s = 256 comes to the same share, those of spec 2.8 to at most as much', () => {
  for (const [m, r] of [
    [0, 75],
    [20, 60],
    [40, 45],
    [60, 30],
    [80, 15],
  ] as const)
    expect(countDept(m, r, 256)).toBe(76_800);
  const counts = [
    [20, 77],
    [40, 58],
    [60, 38],
    [80, 19],
  ].map(([m, r]) => countDept(m!, r!, 20));
  expect(counts).toEqual([76_036, 76_424, 76_024, 76_412]);
  for (const count of counts) expect((100 * updatedShare(language, projection + count)).toFixed(2)).toBe('0.74');
});

test.each(rows)('$name: $count values', ({ own, count, exact }) => {
  expect(own).toBe(count);
  expect(100 * updatedShare(language, projection + own)).toBeCloseTo(exact, 4);
});

compared(
  {
    area: 'DePT',
    what: 'share of updated parameters, Table 3',
    against: 'DePT paper',
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    for (const { name, own, printed } of rows) {
      const share = (100 * updatedShare(language, projection + own)).toFixed(2);
      if (printed !== null) differences.same(share, printed, name);
    }
  },
);
