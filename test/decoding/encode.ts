/** Encoder states of token ids, as generation takes them. */
import type { EncodedSource } from '../../engine/decoding/generate.ts';
import { named } from '../../engine/graph/dim.ts';
import { input } from '../../engine/graph/sources.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import type { T5Config } from '../../engine/models/t5/config.ts';
import { encode, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { encoderBuckets } from '../../engine/models/t5/positions.ts';
import type { Value } from '../../engine/runtime/session.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { runGraph } from '../graph/run-graph.ts';
import { int64 } from '../models/reference.ts';

/** Pads the prompts to the longest; where the id is the padding id, nothing is attended to. */
export async function encoded(
  checkpoint: Checkpoint,
  config: T5Config,
  prompts: readonly (readonly number[])[],
): Promise<EncodedSource> {
  const length = Math.max(...prompts.map((ids) => ids.length));
  const padded = prompts.map((ids) => [...ids, ...Array<number>(length - ids.length).fill(config.padId)]);
  const [batch, text] = [named('batch'), named('text')];
  const backbone = new CheckpointBackbone(checkpoint);
  const ids = input('ids', 'int64', [batch, text]);
  const states = encode(backbone, config, {
    states: wordEmbeddings(backbone, config, ids),
    mask: input('mask', 'float32', [batch, text]),
    buckets: input('buckets', 'int64', [text, text]),
  });
  const mask: Value = {
    data: Float32Array.from(padded.flat(), (id) => (id === config.padId ? 0 : 1)),
    shape: [padded.length, length],
  };
  const buckets = { data: encoderBuckets(config, length), shape: [length, length] };
  const results = await runGraph({ states }, { ids: int64(padded), mask, buckets });
  return { states: results.states!, mask };
}
