import { expect } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { crossKeysValues, decode, logits } from '../../engine/models/t5/decoder.ts';
import { encoderStates, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { decoderBuckets, encoderBuckets, relativeBucket } from '../../engine/models/t5/positions.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { golden, int64 } from './reference.ts';

interface T5Reference {
  inputs: { input_ids: number[][]; attention_mask: number[][]; labels: number[][]; decoder_input_ids: number[][] };
  loss: number;
  buckets: {
    num_buckets: number;
    max_distance: number;
    first: number;
    last: number;
    bidirectional: number[];
    causal?: number[];
    unidirectional?: number[];
  };
}

const tiny = golden<T5Reference>('t5-tiny');
const config = readT5Config(tiny.folder);
const { inputs } = tiny.reference;
const [batch, text, target] = [named('batch'), named('text'), named('target')];

function graphInputs() {
  return {
    ids: input('ids', 'int64', [batch, text]),
    mask: input('mask', 'float32', [batch, text]),
    buckets: input('buckets', 'int64', [text, text]),
    targetIds: input('targetIds', 'int64', [batch, target]),
    targetBuckets: input('targetBuckets', 'int64', [target, target]),
    counted: input('counted', 'int64', [named('counted')]),
    labels: input('labels', 'int64', [named('counted')]),
    weights: input('weights', 'float32', [named('counted')]),
  };
}

function feeds(): Record<string, Value> {
  const labels = inputs.labels.flat();
  const counted = labels.flatMap((label, i) => (label === -100 ? [] : [i]));
  const [length, outLength] = [inputs.input_ids[0]!.length, inputs.labels[0]!.length];
  return {
    ids: int64(inputs.input_ids),
    mask: { data: Float32Array.from(inputs.attention_mask.flat()), shape: [inputs.input_ids.length, length] },
    buckets: { data: encoderBuckets(config, length), shape: [length, length] },
    targetIds: int64(inputs.decoder_input_ids),
    targetBuckets: { data: decoderBuckets(config, outLength), shape: [outLength, outLength] },
    counted: { data: BigInt64Array.from(counted.map(BigInt)), shape: [counted.length] },
    labels: { data: BigInt64Array.from(counted.map((i) => BigInt(labels[i]!))), shape: [counted.length] },
    weights: { data: new Float32Array(counted.length).fill(1 / counted.length), shape: [counted.length] },
  };
}

const subject = { area: 'T5', against: pinned('transformers'), measure: 'relative' } as const;

compared(
  { ...subject, what: 'relative position buckets, offsets -150 to 150', measure: 'identical', allowed: 0 },
  (differences) => {
    const { num_buckets, max_distance, first, last, ...expected } = tiny.reference.buckets;
    const wide = { ...config, relativeBuckets: num_buckets, relativeMaxDistance: max_distance };
    const offsets = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const causal = (expected.causal ?? expected.unidirectional)!;
    offsets.forEach((offset, i) => {
      differences.same(relativeBucket(offset, wide, true), expected.bidirectional[i], `encoder, ${offset}`);
      differences.same(relativeBucket(offset, wide, false), causal[i], `decoder, ${offset}`);
    });
  },
);

compared({ ...subject, what: 'v1.0: hidden states of every layer and logits', allowed: 1e-5 }, async (differences) => {
  const backbone = new CheckpointBackbone(tiny.checkpoint());
  const { ids, mask, buckets, targetIds, targetBuckets } = graphInputs();
  const encoder = encoderStates(backbone, config, { states: wordEmbeddings(backbone, config, ids), mask, buckets });
  const cross = crossKeysValues(backbone, config, encoder.at(-1)!);
  const decoder = decode(backbone, config, { ids: targetIds, buckets: targetBuckets, cross, sourceMask: mask });
  const outputs: Record<string, Tensor> = { logits: logits(backbone, config, decoder.states.at(-1)!) };
  encoder.forEach((state, i) => {
    outputs[i > config.encoderLayers ? 'encoder.final' : `encoder.hidden.${i}`] = state;
  });
  decoder.states.forEach((state, i) => {
    outputs[i > config.decoderLayers ? 'decoder.final' : `decoder.hidden.${i}`] = state;
  });
  const session = await Session.create(compile(outputs));
  const results = await session.run(feeds());
  for (const [name, { data }] of Object.entries(results)) {
    differences.values(data as Float32Array, tiny.expected(`expected.${name}`), name);
  }
});

compared({ ...subject, what: 'v1.0: loss and the gradient of every weight', allowed: 1e-4 }, async (differences) => {
  const backbone = new CheckpointBackbone(tiny.checkpoint(), { trainable: () => true });
  const { ids, mask, buckets, targetIds, targetBuckets, ...rest } = graphInputs();
  const embedded = wordEmbeddings(backbone, config, ids);
  const encoded = encoderStates(backbone, config, { states: embedded, mask, buckets }).at(-1)!;
  const { loss } = sequenceLoss(backbone, config, encoded, mask, { ids: targetIds, buckets: targetBuckets, ...rest });
  const names = [...backbone.trained.keys()];
  const gradients = gradient(loss, [...backbone.trained.values(), embedded]);
  const outputs: Record<string, Tensor> = { loss, 'grad.inputs_embeds': gradients.at(-1)! };
  names.forEach((name, i) => {
    outputs[`grad.${name}`] = gradients[i]!;
  });
  const session = await Session.create(compile(outputs));
  const checkpoint = tiny.checkpoint();
  const parameters = names.map((name) => [
    name,
    { data: checkpoint.floats(name), shape: checkpoint.tensor(name).shape },
  ]);
  const results = await session.run({ ...feeds(), ...(Object.fromEntries(parameters) as Record<string, Value>) });
  differences.values(results.loss!.data[0] as number, tiny.reference.loss, 'loss');
  const wanted = tiny.names.filter((name) => name.startsWith('grad.') && name !== 'grad.decoder_inputs_embeds');
  expect(wanted.length).toBe(names.length + 1);
  for (const name of wanted) {
    differences.values(results[name]!.data as Float32Array, tiny.expected(name), name);
  }
});
