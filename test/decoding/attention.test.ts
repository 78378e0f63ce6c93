import { describe, expect, test } from 'vitest';
import { attentionGraph, crossAttention } from '../../engine/decoding/attention-graph.ts';
import { AttentionPass } from '../../engine/decoding/attention-pass.ts';
import { compile } from '../../engine/graph/compile.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';
import { feeds, forward, type T5Case, t5Case } from '../models/t5-case.ts';

const { expected, names } = golden('t5-attention');

/** The feeds of the attention graphs: the reference's own batch. */
async function attentionFeeds(t5: T5Case): Promise<Record<string, Value>> {
  const { mask, targetIds, targetBuckets } = feeds(t5);
  const states = (await forward(t5)).get('expected.encoder.final')!;
  return { states, mask: mask!, ids: targetIds!, buckets: targetBuckets! };
}

const subject = { area: 'Decoding', against: pinned('transformers'), measure: 'absolute', allowed: 1e-5 } as const;
const models = { 't5-tiny': 'v1.0', 't5-gated': 'v1.1 and Flan, padded on either side' };

for (const [folder, about] of Object.entries(models)) {
  compared({ ...subject, what: `cross-attention of every layer and head, ${about}` }, async (differences) => {
    const t5 = t5Case(folder);
    const backbone = new CheckpointBackbone(t5.checkpoint);
    const layers = crossAttention(backbone, t5.config).map((layer, i) => [`${folder}.${i}`, layer] as const);
    const session = await Session.create(compile(Object.fromEntries(layers)));
    const results = await session.run(await attentionFeeds(t5));
    await session.release();
    const wanted = names.filter((name) => name.startsWith(`${folder}.`));
    expect(Object.keys(results).sort()).toEqual(wanted);
    for (const name of wanted) differences.values(results[name]!.data as Float32Array, expected(name), name);
  });

  compared({ ...subject, what: `cross-attention's mean over layers and heads, ${about}` }, async (differences) => {
    const t5 = t5Case(folder);
    const session = await Session.create(attentionGraph(new CheckpointBackbone(t5.checkpoint), t5.config));
    const { attention } = await session.run(await attentionFeeds(t5));
    await session.release();
    const layers = names.filter((name) => name.startsWith(`${folder}.`)).map(expected);
    const [batch, target, source] = attention!.shape as [number, number, number];
    const { heads } = t5.config;
    const mean = Float64Array.from({ length: batch * target * source }, (_, place) => {
      const row = Math.floor(place / (target * source));
      const within = place % (target * source);
      const values = layers.flatMap((layer) =>
        Array.from({ length: heads }, (_, head) => layer[(row * heads + head) * target * source + within]!),
      );
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    differences.values(attention!.data as Float32Array, mean, folder);
  });
}

describe('the pass over one answer', () => {
  test('gives a row for each id: that of the position which predicts it', async () => {
    const t5 = t5Case('t5-tiny');
    const { states, mask } = await attentionFeeds(t5);
    const [length, width] = states!.shape.slice(1) as [number, number];
    const one = {
      states: { data: states!.data.slice(0, length * width), shape: [1, length, width] },
      mask: { data: mask!.data.slice(0, length), shape: [1, length] },
    };
    const pass = await AttentionPass.create({ checkpoint: t5.checkpoint, config: t5.config, threads: 1 });
    // the first row's labels: its decoder input ids are these, shifted
    const rows = await pass.run(one, t5.reference.inputs.labels[0]!);
    const shorter = await pass.run(one, t5.reference.inputs.labels[0]!.slice(0, 2));
    await pass.release();
    const whole = [expected('t5-tiny.0'), expected('t5-tiny.1')];
    const target = t5.reference.inputs.labels[0]!.length;
    const { heads } = t5.config;
    rows.forEach((row, position) => {
      for (let key = 0; key < length; key += 1) {
        const values = whole.flatMap((layer) =>
          Array.from({ length: heads }, (_, head) => layer[(head * target + position) * length + key]!),
        );
        expect(row[key]).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 5);
      }
    });
    expect(shorter).toHaveLength(2);
    shorter.forEach((row, i) => {
      expect(Math.max(...row.map((value, key) => Math.abs(value - rows[i]![key]!)))).toBeLessThan(1e-6);
    });
  });
});
