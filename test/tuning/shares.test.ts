/** Table 3's share of updated parameters, from integers: T5-base as the engine builds it, the projection, each method. */
import { expect, test } from 'vitest';
import { updatedShare } from '../../engine/contract/budget.ts';
import { named } from '../../engine/graph/dim.ts';
import { Dropout } from '../../engine/graph/ops/dropout.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { elementsOf } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Backbone } from '../../engine/models/backbone.ts';
import type { T5Config } from '../../engine/models/t5/config.ts';
import { crossKeysValues, decode, logits } from '../../engine/models/t5/decoder.ts';
import { encode, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { compared } from '../fidelity/compared.ts';
import { config as tinyConfig } from '../training/tiny.ts';

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
function countT5(config: T5Config): number {
  const sizes = new Map<string, number>();
  const weight: Backbone['weight'] = (name, shape) => {
    sizes.set(name, elementsOf(shape));
    return input(name, 'float32', shape);
  };
  const backbone: Backbone = {
    dropout: new Dropout(0),
    weight,
    linear: (name, x, out, width) => matmul(x, weight(name, [out, width]), { transB: true }),
  };
  const [batch, text, target] = [named('batch'), named('text'), named('target')];
  const mask = input('mask', 'float32', [batch, text]);
  const states = encode(backbone, config, {
    states: wordEmbeddings(backbone, config, input('ids', 'int64', [batch, text])),
    mask,
    buckets: input('buckets', 'int64', [text, text]),
  });
  const decoded = decode(backbone, config, {
    ids: input('targetIds', 'int64', [batch, target]),
    buckets: input('targetBuckets', 'int64', [target, target]),
    cross: crossKeysValues(backbone, config, states),
    sourceMask: mask,
  });
  logits(backbone, config, decoded.states.at(-1)!);
  return sizes.values().reduce((sum, size) => sum + size, 0);
}

test('T5-base has 222,903,552 values', () => {
  expect(countT5(base)).toBe(222_903_552);
});

/** T5-base with rows for the order of visual tokens. */
const language = countT5({ ...base, vocabularySize: 32_200 });
/** Linear 2048 -> 768, linear 5 -> 768, a norm each, two rows of image order (spec 2.2). */
const projection = (2048 + 1) * 768 + (5 + 1) * 768 + 2 * 768 + 2 * 768;

/** Values of the method alone (spec 2.6, 3.4), the exact share in percent, and the share as Table 3 prints it. */
const rows = [
  { name: 'projection alone', own: 0, count: 0, exact: 0.7042, printed: null },
  { name: 'DePT', own: 100 * 768, count: 76_800, exact: 0.7382, printed: '0.74' },
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
  expect(projection).toBe(1_581_312);
  expect(language + projection).toBe(224_540_160);
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
