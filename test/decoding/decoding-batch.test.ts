import { beforeAll, expect, test } from 'vitest';
import { DecodingBatch, int64, type StepBeam } from '../../engine/decoding/decoding-batch.ts';
import { likeliest, logSoftmax, rankedContinuations } from '../../engine/decoding/next-ids.ts';
import { crossGraph, type Head, stepBuckets, stepGraph } from '../../engine/decoding/step-graph.ts';
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
  step = await Session.create(stepGraph(backbone, config, 'logProbabilities'));
  return async () => {
    await cross.release();
    await step.release();
  };
});

async function start(session = step): Promise<DecodingBatch> {
  const states = { data: tiny.expected('expected.encoder.final'), shape: [...mask.shape, config.width] };
  return new DecodingBatch(session, config, await cross.run({ states }), mask);
}

/** The log-probability of every id after each beam. [prompts][beams][vocabulary] */
async function logProbabilities(batch: DecodingBatch, beams: StepBeam[][]): Promise<number[][][]> {
  const { scores } = await batch.step(beams);
  const values = [...(scores!.data as Float32Array)];
  const width = beams[0]!.length;
  expect(scores!.shape).toEqual([beams.length, width, vocabularySize]);
  return beams.map((row, prompt) =>
    row.map((_, beam) => {
      const start = (prompt * width + beam) * vocabularySize;
      return values.slice(start, start + vocabularySize);
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

test('the other heads: logits, and the likeliest ids in their order', async () => {
  const backbone = new CheckpointBackbone(tiny.checkpoint());
  const first = targets.map((ids) => [{ id: ids[0]!, origin: 0 }]);
  const run = async (head: Head, extra?: Record<string, Value>): Promise<Record<string, Value>> => {
    const session = await Session.create(stepGraph(backbone, config, head));
    const results = await (await start(session)).step(first, extra);
    await session.release();
    return results;
  };
  const all = (await logProbabilities(await start(), first)).map(([scores]) => scores!);

  const { scores } = await run('logits');
  all.forEach((expected, prompt) => {
    const logits = Float32Array.from(scores!.data as Float32Array)
      .slice(prompt * vocabularySize)
      .slice(0, vocabularySize);
    logSoftmax(logits);
    expect(relativeDifference(logits, expected)).toBeLessThan(1e-6);
  });

  const { candidates, logProbabilities: values } = await run('likeliest', { k: int64([5], [1]) });
  expect(rankedContinuations(candidates!, values!)).toEqual(
    all.map((expected) => likeliest(Float32Array.from(expected), 0, 5)),
  );
});

test('position buckets of a step: the own past as in training, nothing of the others', () => {
  const never = decoderBuckets(config, 2)[1]!;
  const [a, b, c] = decoderBuckets(config, 1, 2);
  expect([...stepBuckets(config, 2, 2)]).toEqual([a, never, b, never, c, never, never, a, never, b, never, c]);
  expect([...stepBuckets(config, 1, 2)]).toEqual([a, b, c]);
});
