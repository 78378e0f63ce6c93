/** The configs of all published T5 and CLIP transformers come to as many parameters as transformers counts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elementsOf } from '../../engine/graph/parameter.ts';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { type NeededWeights, weightsOfClip, weightsOfT5 } from '../../engine/service/needed-weights.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import published from '../golden/published.json' with { type: 'json' };

const models = Object.entries(published.models).map(([name, { config, parameters }]) => ({
  name,
  config,
  parameters,
  kind: config.model_type as 't5' | 'clip',
}));

const count = (weights: NeededWeights): number => weights.values().reduce((sum, shape) => sum + elementsOf(shape), 0);

for (const { kind, area } of [
  { kind: 't5', area: 'T5' },
  { kind: 'clip', area: 'CLIP' },
] as const) {
  compared(
    {
      area,
      what:
        { t5: 't5-small to 11b, v1.1 and Flan from small to XXL', clip: 'ViT-B/32, B/16, L/14, L/14 at 336' }[kind] +
        ': parameters',
      against: pinned('transformers'),
      measure: 'identical',
      allowed: 0,
    },
    (differences) => {
      const folder = mkdtempSync(join(tmpdir(), 'dept-published-'));
      try {
        for (const { name, config, parameters } of models.filter((model) => model.kind === kind)) {
          writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
          // of a CLIP, logit_scale belongs to neither tower
          const own =
            kind === 't5' ? count(weightsOfT5(readT5Config(folder))) : count(weightsOfClip(readClipConfig(folder))) + 1;
          differences.same(own, parameters, name);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}

test('these are the counts that are known of them', () => {
  const known = Object.fromEntries(models.map(({ name, parameters }) => [name, parameters]));
  expect(known).toMatchObject({
    't5-small': 60_506_624,
    't5-base': 222_903_552,
    't5-large': 737_668_096,
    't5-3b': 2_851_598_336,
    't5-11b': 11_307_321_344,
    't5-v1_1-base': 247_577_856,
    'flan-t5-xxl': 11_135_332_352,
    'clip-vit-base-patch32': 151_277_313,
    'clip-vit-base-patch16': 149_620_737,
    'clip-vit-large-patch14': 427_616_513,
  });
});
