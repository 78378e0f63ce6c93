/** Which examples make up which step: shuffled every epoch, in batches of similar length, from nothing but seed and step. */
import { Random } from '../common/random.ts';

export interface BatchPlan {
  readonly seed: number;
  readonly batchSize: number;
  /** Rough length of each example; only its order matters. */
  readonly lengths: ArrayLike<number>;
}

/** Batches whose lengths are sorted together before they are shuffled among each other. */
const BATCHES_PER_BUCKET = 50;

/**
 * The examples of an epoch as batches. Shuffled; then each run of 50 batches is sorted by length and cut, so that a batch
 * holds little padding; then the batches are shuffled. A last batch smaller than the others is kept.
 */
export function epochBatches({ seed, batchSize, lengths }: BatchPlan, epoch: number): number[][] {
  const random = new Random(seed, 'epoch', epoch);
  const order = random.shuffle(Array.from({ length: lengths.length }, (_, i) => i));
  const batches: number[][] = [];
  const bucket = batchSize * BATCHES_PER_BUCKET;
  for (let start = 0; start < order.length; start += bucket) {
    const sorted = order.slice(start, start + bucket).sort((a, b) => lengths[a]! - lengths[b]!);
    for (let i = 0; i < sorted.length; i += batchSize) batches.push(sorted.slice(i, i + batchSize));
  }
  return random.shuffle(batches);
}

/** One batch and the epoch it belongs to. */
export interface Batch {
  readonly epoch: number;
  readonly examples: readonly number[];
}

/** Batch number n of the endless sequence of epochs; keeps the epoch it is in. */
export class BatchSequence {
  readonly #plan: BatchPlan;
  #epoch = -1;
  #batches: number[][] = [];

  constructor(plan: BatchPlan) {
    this.#plan = plan;
  }

  /** Batches in one epoch. */
  get perEpoch(): number {
    return Math.ceil(this.#plan.lengths.length / this.#plan.batchSize);
  }

  at(n: number): Batch {
    const epoch = Math.floor(n / this.perEpoch);
    if (epoch !== this.#epoch) {
      this.#batches = epochBatches(this.#plan, epoch);
      this.#epoch = epoch;
    }
    return { epoch, examples: this.#batches[n % this.perEpoch]! };
  }
}
