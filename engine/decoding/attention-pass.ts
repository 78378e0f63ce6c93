/** Where the decoder looked while it wrote a given answer. */
import { CheckpointBackbone } from '../models/backbone.ts';
import type { T5Config } from '../models/t5/config.ts';
import { decoderBuckets } from '../models/t5/positions.ts';
import { Session } from '../runtime/session.ts';
import { attentionGraph } from './attention-graph.ts';
import { int64 } from './decoding-batch.ts';
import type { EncodedSource, GeneratorOptions } from './generate.ts';

export class AttentionPass {
  readonly #config: T5Config;
  readonly #session: Session;

  private constructor(config: T5Config, session: Session) {
    this.#config = config;
    this.#session = session;
  }

  static async create({ checkpoint, config, ...options }: GeneratorOptions): Promise<AttentionPass> {
    const graph = attentionGraph(new CheckpointBackbone(checkpoint), config);
    return new AttentionPass(config, await Session.create(graph, options));
  }

  /**
   * One prompt's answer, ids without the start id: for each of them the cross-attention of the position that predicts it,
   * over the source's places, mean over layers and heads. [ids][source], each row of sum 1.
   */
  async run({ states, mask }: EncodedSource, ids: readonly number[]): Promise<Float32Array[]> {
    const { decoderStartId } = this.#config;
    const length = ids.length;
    const { attention } = await this.#session.run({
      states,
      mask,
      ids: int64([decoderStartId, ...ids.slice(0, -1)], [1, length]),
      buckets: { data: decoderBuckets(this.#config, length), shape: [length, length] },
    });
    const source = mask.shape[1]!;
    const all = attention!.data as Float32Array;
    return ids.map((_, i) => all.subarray(i * source, (i + 1) * source));
  }

  /** Frees the native memory; the pass cannot be used afterwards. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}
