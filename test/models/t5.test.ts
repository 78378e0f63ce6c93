import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { relativeBucket } from '../../engine/models/t5/positions.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { forward, lossAndGradients, t5Case, type Weighting } from './t5-case.ts';

/** From each of these positions on, up to the next, the bucket beside it. */
interface Steps {
  readonly from: readonly number[];
  readonly buckets: readonly number[];
}

interface BucketTable {
  /** Positions are compared from -last to last. */
  readonly last: number;
  readonly configs: readonly {
    readonly num_buckets: number;
    readonly max_distance: number;
    readonly bidirectional: Steps;
    readonly causal: Steps;
  }[];
}

const subject = { area: 'T5', against: pinned('transformers'), measure: 'relative' } as const;

compared(
  { ...subject, what: 'relative position buckets, positions -1200 to 1200', measure: 'identical', allowed: 0 },
  (differences) => {
    const url = new URL('../golden/t5-buckets.json', import.meta.url);
    const { last, configs } = JSON.parse(readFileSync(url, 'utf8')) as BucketTable;
    const { config } = t5Case('t5-tiny');
    for (const { num_buckets, max_distance, ...stacks } of configs) {
      const own = { ...config, relativeBuckets: num_buckets, relativeMaxDistance: max_distance };
      for (const [stack, { from, buckets }] of Object.entries(stacks)) {
        let step = 0;
        for (let offset = -last; offset <= last; offset += 1) {
          if (from[step + 1] === offset) step += 1;
          const label = `${stack}, ${num_buckets} up to ${max_distance}, ${offset}`;
          differences.same(relativeBucket(offset, own, stack === 'bidirectional'), buckets[step], label);
        }
      }
    }
  },
);

const lossesOf: Readonly<Record<Weighting, { prefix: string; text: string }>> = {
  mean: { prefix: 'grad', text: 'mean loss' },
  scored: { prefix: 'weighted', text: 'weighted loss' },
};

function compareModel(folder: string, about: string, weightings: readonly Weighting[]): void {
  compared({ ...subject, what: `${about}: states of every layer, logits`, allowed: 2e-5 }, async (differences) => {
    const t5 = t5Case(folder);
    const results = await forward(t5);
    const wanted = t5.names.filter((name) => name.startsWith('expected.') && name !== 'expected.loss');
    expect([...results.keys()].sort()).toEqual(wanted);
    for (const name of wanted) differences.values(results.get(name)!.data as Float32Array, t5.expected(name), name);
  });

  for (const weighting of weightings) {
    const { prefix, text } = lossesOf[weighting];
    const front = folder === 't5-tiny' ? 'embeddings' : 'soft prompt';
    const what = `${about}: ${text}, gradients of all weights and the ${front}`;
    compared({ ...subject, what, allowed: 5e-5 }, async (differences) => {
      const t5 = t5Case(folder);
      const { loss, front: atFront, ...weights } = Object.fromEntries(await lossAndGradients(t5, weighting));
      const expectedLoss = weighting === 'mean' ? t5.reference.loss : t5.reference.weighted_loss!;
      differences.values(loss!.data[0] as number, expectedLoss, 'loss');
      const fronts = ['inputs_embeds', 'decoder_inputs_embeds', 'prompt'].map((name) => `${prefix}.${name}`);
      const wanted = t5.names.filter((name) => name.startsWith(`${prefix}.`) && !fronts.includes(name));
      expect(Object.keys(weights).sort()).toEqual(wanted.map((name) => name.replace(prefix, 'grad')));
      for (const name of wanted) {
        const own = weights[name.replace(prefix, 'grad')]!.data as Float32Array;
        differences.values(own, t5.expected(name), name);
      }
      const first = fronts.find((name) => t5.names.includes(name))!;
      differences.values(atFront!.data as Float32Array, t5.expected(first), first);
    });
  }
}

compareModel('t5-tiny', 'v1.0', ['mean']);
compareModel('t5-long', 'v1.0, 174 + 118 positions, padded on either side', ['mean', 'scored']);
compareModel('t5-gated', 'v1.1 and Flan, padded on either side', ['mean', 'scored']);
