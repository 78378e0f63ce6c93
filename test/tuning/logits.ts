/** Logits of every counted target token, from the encoder's graph and the decoder's, as training and decoding build them. */
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { encoderBuckets } from '../../engine/models/t5/positions.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { type ParameterValues, parameterFeeds } from '../../engine/training/train-step.ts';
import { type ClipT5, encodingGraph, paddedIds } from '../../engine/vision-language/clip-t5.ts';
import { lossInputs } from '../models/t5-case.ts';
import { backbone, config, type Sample, sizes } from '../training/tiny.ts';

function decoderOutputs(): Record<string, Tensor> {
  const [batch, source] = [named('batch'), named('source')];
  const states = input('states', 'float32', [batch, source, config.width]);
  const mask = input('mask', 'float32', [batch, source]);
  const { logits } = sequenceLoss(backbone(), config, states, mask, lossInputs());
  return { logits };
}

export interface LogitsReader extends AsyncDisposable {
  /** [counted, vocabulary] for the feeds of a batch. */
  of(parameters: readonly ParameterValues[], feeds: Readonly<Record<string, Value>>): Promise<Float32Array>;
}

export async function openLogits(model: ClipT5): Promise<LogitsReader> {
  const open = (outputs: Record<string, Tensor>) => Session.create(compile(outputs), { threads: 1 });
  const encoder = await open({ states: encodingGraph(backbone(), model) });
  const decoder = await open(decoderOutputs());
  return {
    of: async (parameters, feeds) => {
      const { states } = await encoder.run({ ...feeds, ...parameterFeeds(parameters) });
      const { logits } = await decoder.run({ ...feeds, states: states! });
      return logits!.data as Float32Array;
    },
    [Symbol.asyncDispose]: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

/** Of the reference's logits [batch, target, vocabulary] those of the counted tokens. */
export function countedLogits(all: Float32Array, feeds: Readonly<Record<string, Value>>): number[] {
  const { vocabularySize } = config;
  const places = [...(feeds.counted!.data as BigInt64Array)].map(Number);
  return places.flatMap((at) => [...all.subarray(at * vocabularySize, (at + 1) * vocabularySize)]);
}

/** The feeds of a batch with its texts padded to `length` instead of to the longest. */
export function paddedTo(
  length: number,
  model: ClipT5,
  samples: readonly Sample[],
  feeds: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const { promptLength } = model.method;
  const ordered = promptLength + length;
  const source = ordered + sizes.visual;
  const mask = new Float32Array(samples.length * source).fill(1);
  samples.forEach(({ text }, i) => {
    mask.fill(0, i * source + promptLength + text.length, i * source + ordered);
  });
  return {
    ...feeds,
    ids: paddedIds(
      samples.map(({ text }) => text),
      length,
      config.padId,
    ),
    mask: { data: mask, shape: [samples.length, source] },
    buckets: { data: encoderBuckets(config, source, ordered), shape: [source, source] },
  };
}
