import { beforeAll, expect, test } from 'vitest';
import { DecodingBatch, type StepBeam } from '../../engine/decoding/decoding-batch.ts';
import { crossGraph, stepBuckets, stepGraph } from '../../engine/decoding/step-graph.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { decoderBuckets } from '../../engine/models/t5/positions.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { golden, relativeDifference } from '../models/reference.ts';

interface T5Reference {
  inputs: { attention_mask: number[][]; decoder_input_ids: number[][] };
}

const tiny = golden<T5Reference>('t5-tiny');
const config = readT5Config(tiny.folder);
const { vocabularySize } = config;
const { attention_mask: attended, decoder_input_ids: targets } = tiny.reference.inputs;
const mask: Value = { data: Float32Array.from(attended.flat()), shape: [attended.length, attended[0]!.length] };

let cross: Session;
let step: Session;
beforeAll(async () => {
  const backbone = new CheckpointBackbone(tiny.checkpoint());
  cross = await Session.create(crossGraph(backbone, config));
  step = await Session.create(stepGraph(backbone, config));
  return async () => {
    await cross.release();
    await step.release();
  };
});

async function start(): Promise<DecodingBatch> {
  const states = { data: tiny.expected('expected.encoder.final'), shape: [...mask.shape, config.width] };
  return new DecodingBatch(step, config, await cross.run({ states }), mask);
}

/** The log-probability of every id after each beam. [prompts][beams][vocabulary] */
async function logProbabilities(batch: DecodingBatch, beams: StepBeam[][]): Promise<number[][][]> {
  const ranked = await batch.step(beams, vocabularySize);
  return ranked.map((row) =>
    row.map((continuations) => {
      const values = continuations.map(({ logProbability }) => logProbability);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      return continuations.toSorted((a, b) => a.id - b.id).map(({ logProbability }) => logProbability);
    }),
  );
}

/** log softmax(logits) of one prompt's target position in the reference. */
function expectedAt(prompt: number, position: number): number[] {
  const start = (prompt * targets[0]!.length + position) * vocabularySize;
  const logits = [...tiny.expected('expected.logits').subarray(start, start + vocabularySize)];
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.map((logit) => logit - total);
}

test('step by step over cached keys and values as the decoder on the whole target', async () => {
  const batch = await start();
  for (let position = 0; position < targets[0]!.length; position += 1) {
    const results = await logProbabilities(
      batch,
      targets.map((ids) => [{ id: ids[position]!, origin: 0 }]),
    );
    results.forEach(([values], prompt) => {
      expect(relativeDifference(values!, expectedAt(prompt, position))).toBeLessThan(1e-5);
    });
  }
});

test('a beam sees its own history, not that of the beams beside it, however they change places', async () => {
  const batch = await start();
  const target = (position: number, prompt: number): number => targets[prompt]![position]!;
  const other = (position: number): number => 3 + ((7 * position) % (vocabularySize - 3));
  await logProbabilities(
    batch,
    targets.map((_, prompt) => [{ id: target(0, prompt), origin: 0 }]),
  );
  let place = 0;
  for (let position = 1; position < targets[0]!.length; position += 1) {
    const before = place;
    place = position % 3; // where the reference's target stands among three beams
    const results = await logProbabilities(
      batch,
      targets.map((_, prompt) =>
        [0, 1, 2].map((beam) =>
          beam === place
            ? { id: target(position, prompt), origin: before }
            : { id: other(position + beam), origin: position === 1 ? 0 : beam },
        ),
      ),
    );
    results.forEach((row, prompt) => {
      expect(relativeDifference(row[place]!, expectedAt(prompt, position))).toBeLessThan(1e-5);
    });
  }
});

test('a prompt that is removed leaves the others as they were', async () => {
  const batch = await start();
  let order = targets.map((_, prompt) => prompt);
  for (let position = 0; position < targets[0]!.length; position += 1) {
    if (position === 2) {
      batch.remove(0);
      order = [order.at(-1)!, ...order.slice(1, -1)];
    }
    const results = await logProbabilities(
      batch,
      order.map((prompt) => [{ id: targets[prompt]![position]!, origin: 0 }]),
    );
    results.forEach(([values], i) => {
      expect(relativeDifference(values!, expectedAt(order[i]!, position))).toBeLessThan(1e-5);
    });
  }
});

test('position buckets of a step: the own past as in training, nothing of the others', () => {
  const never = decoderBuckets(config, 2)[1]!;
  const [a, b, c] = decoderBuckets(config, 1, 2);
  expect([...stepBuckets(config, 2, 2)]).toEqual([a, never, b, never, c, never, never, a, never, b, never, c]);
  expect([...stepBuckets(config, 1, 2)]).toEqual([a, b, c]);
});
