/** From the encoder's states to answers: greedy and beam search over a batch of prompts. */
import { DeptError } from '../common/errors.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import type { T5Config } from '../models/t5/config.ts';
import { Session, type SessionOptions, type Value } from '../runtime/session.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { type Answer, BeamSearch, continuationsNeeded, greedyRules } from './beam-search.ts';
import { DecodingBatch } from './decoding-batch.ts';
import { crossGraph, stepGraph } from './step-graph.ts';

/** The encoder's output for a batch of prompts. */
export interface EncodedSource {
  /** float32 [batch, source, width] */
  readonly states: Value;
  /** float32 [batch, source]: 1 where there is a state to attend to. */
  readonly mask: Value;
}

export interface GenerateOptions {
  /** Beam width; 1 is greedy, to which neither length penalty nor early stopping applies. */
  readonly beams: number;
  /** The most ids of an answer, the end id among them, the start id not (transformers' `max_new_tokens`). */
  readonly maxLength: number;
  readonly lengthPenalty?: number;
  readonly earlyStopping?: boolean;
  /** How many answers to give for each prompt, at most `beams`. */
  readonly returnSequences?: number;
}

export interface GeneratorOptions extends SessionOptions {
  readonly checkpoint: Checkpoint;
  readonly config: T5Config;
}

/** Compiles the decoder's graphs and loads them. */
export async function createGenerator({
  checkpoint,
  config,
  ...options
}: GeneratorOptions): Promise<SequenceGenerator> {
  const backbone = new CheckpointBackbone(checkpoint);
  const [cross, step] = [crossGraph(backbone, config), stepGraph(backbone, config)];
  return new SequenceGenerator(config, await Session.create(cross, options), await Session.create(step, options));
}

export class SequenceGenerator {
  readonly #config: T5Config;
  readonly #cross: Session;
  readonly #step: Session;

  constructor(config: T5Config, cross: Session, step: Session) {
    this.#config = config;
    this.#cross = cross;
    this.#step = step;
  }

  /**
   * The answers to each prompt of the batch, best first. Prompts do not influence each other, and one that is done
   * costs nothing more.
   * @throws DeptError 'bad-input' for options that contradict each other, 'shape-mismatch' for states and mask that do,
   *   'cancelled' between two steps once `signal` is aborted, 'runtime-failed' where the model's scores are not numbers.
   */
  async generate(source: EncodedSource, options: GenerateOptions, signal?: AbortSignal): Promise<Answer[][]> {
    this.#check(options);
    const { beams, maxLength, lengthPenalty = 1, earlyStopping = false, returnSequences = 1 } = options;
    const { eosId, decoderStartId } = this.#config;
    const rules =
      beams === 1 ? greedyRules(maxLength, eosId) : { beams, maxLength, lengthPenalty, earlyStopping, eosId };
    const searches = Array.from({ length: source.mask.shape[0]! }, () => new BeamSearch(rules));
    const batch = await this.#start(source);
    const live = [...searches];
    while (live.length > 0) {
      if (signal?.aborted) throw new DeptError('cancelled', 'Generation was cancelled');
      const running = live.map((search) =>
        search.running.map(({ ids, origin }) => ({ id: ids.at(-1) ?? decoderStartId, origin })),
      );
      const continuations = await batch.step(running, continuationsNeeded(rules));
      live.forEach((search, prompt) => {
        search.advance(continuations[prompt]!);
      });
      // from the end, so that the prompt that fills the gap has been looked at
      for (let prompt = live.length - 1; prompt >= 0; prompt -= 1) {
        if (!live[prompt]!.done) continue;
        batch.remove(prompt);
        const last = live.pop()!;
        if (prompt < live.length) live[prompt] = last;
      }
    }
    return searches.map((search) => search.best(returnSequences));
  }

  async #start({ states, mask }: EncodedSource): Promise<DecodingBatch> {
    return new DecodingBatch(this.#step, this.#config, await this.#cross.run({ states }), mask);
  }

  #check({ beams, maxLength, lengthPenalty = 1, returnSequences = 1 }: GenerateOptions): void {
    const refuse = (what: string, expected: string, got: number): never => {
      throw new DeptError('bad-input', `${what} cannot be ${got}`, { expected, got: String(got) });
    };
    const whole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
    const mostBeams = Math.floor(this.#config.vocabularySize / continuationsNeeded({ beams: 1 }));
    if (!whole(beams, mostBeams)) refuse('The number of beams', `a whole number from 1 to ${mostBeams}`, beams);
    if (!whole(maxLength, Infinity)) refuse('The maximum length', 'a whole number from 1', maxLength);
    if (!whole(returnSequences, beams)) {
      refuse('The number of answers', `a whole number from 1 to the ${beams} beams`, returnSequences);
    }
    if (!Number.isFinite(lengthPenalty)) refuse('The length penalty', 'a finite number', lengthPenalty);
  }

  /** Frees the native memory; the generator cannot be used afterwards. */
  async release(): Promise<void> {
    await this.#step.release();
    await this.#cross.release();
  }
}
