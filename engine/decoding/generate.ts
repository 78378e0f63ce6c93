/** From the encoder's states to answers: greedy and beam search over a batch of prompts. */
import { DeptError } from '../common/errors.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import type { T5Config } from '../models/t5/config.ts';
import { Session, type SessionOptions, type Value } from '../runtime/session.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { BeamSearch, continuationsNeeded } from './beam-search.ts';
import { DecodingBatch, int64 } from './decoding-batch.ts';
import { completeOptions, type GenerateOptions, type GenerateSettings } from './generate-options.ts';
import { GreedySearch } from './greedy-search.ts';
import { likeliest, logSoftmax, rankedContinuations } from './next-ids.ts';
import { applyScoreRules, changesScores } from './score-rules.ts';
import type { Answer, Continuation, RunningBeam, Search } from './search.ts';
import { crossGraph, type Head, stepGraph } from './step-graph.ts';

/** The encoder's output for a batch of prompts. */
export interface EncodedSource {
  /** float32 [batch, source, width] */
  readonly states: Value;
  /** float32 [batch, source]: 1 where there is a state to attend to. */
  readonly mask: Value;
}

export interface GeneratorOptions extends SessionOptions {
  readonly checkpoint: Checkpoint;
  readonly config: T5Config;
}

/** Compiles what every generation needs of the decoder; a step's graph is compiled when it is first needed. */
export async function createGenerator({
  checkpoint,
  config,
  ...options
}: GeneratorOptions): Promise<SequenceGenerator> {
  const backbone = new CheckpointBackbone(checkpoint);
  const cross = await Session.create(crossGraph(backbone, config), options);
  return new SequenceGenerator(config, cross, (head) => Session.create(stepGraph(backbone, config, head), options));
}

export class SequenceGenerator {
  readonly #config: T5Config;
  readonly #cross: Session;
  readonly #createStep: (head: Head) => Promise<Session>;
  readonly #steps = new Map<Head, Promise<Session>>();

  constructor(config: T5Config, cross: Session, createStep: (head: Head) => Promise<Session>) {
    this.#config = config;
    this.#cross = cross;
    this.#createStep = createStep;
  }

  /**
   * The answers to each prompt of the batch, best first. Prompts do not influence each other, and one that is done
   * costs nothing more.
   *
   * The ids and scores are those of transformers' generate(), where rules leave a prompt fewer than `returnSequences`
   * answers only those that there are. Greedy search gives the sum of log-probabilities as score; where the rules ban
   * every id, it goes on with id 0, scored minus infinity, as there.
   * @throws DeptError 'bad-input' for options that contradict each other or leave a prompt without an answer,
   *   'shape-mismatch' for states and mask that do, 'cancelled' between two steps once `signal` is aborted,
   *   'runtime-failed' where the model's scores are not numbers.
   */
  async generate(source: EncodedSource, options: GenerateOptions, signal?: AbortSignal): Promise<Answer[][]> {
    const settings = completeOptions(options, this.#config);
    const { eosId } = this.#config;
    const searches = Array.from({ length: source.mask.shape[0]! }, () =>
      settings.beams === 1 ? new GreedySearch(settings.maxLength, eosId) : new BeamSearch({ ...settings, eosId }),
    );
    const batch = await this.#start(source, headFor(settings));
    const live: Search[] = [...searches];
    while (live.length > 0) {
      if (signal?.aborted) throw new DeptError('cancelled', 'Generation was cancelled');
      const continuations = await this.#step(batch, live, settings);
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
    return searches.map((search) => answersOf(search, settings));
  }

  async #start({ states, mask }: EncodedSource, head: Head): Promise<DecodingBatch> {
    let step = this.#steps.get(head);
    if (step === undefined) {
      step = this.#createStep(head);
      this.#steps.set(head, step);
      step.catch(() => this.#steps.delete(head)); // there is nothing to release
    }
    return new DecodingBatch(await step, this.#config, await this.#cross.run({ states }), mask);
  }

  /** By prompt and running beam: what may come next, likeliest first. */
  async #step(batch: DecodingBatch, live: readonly Search[], settings: GenerateSettings): Promise<Continuation[][][]> {
    const { beams } = settings;
    const { vocabularySize, decoderStartId, eosId } = this.#config;
    const count = beams === 1 ? 1 : Math.min(continuationsNeeded({ beams }), vocabularySize);
    const newest = live.map(({ running }) =>
      running.map(({ ids, origin }) => ({ id: ids.at(-1) ?? decoderStartId, origin })),
    );
    if (!changesScores(settings)) {
      const { candidates, logProbabilities } = await batch.step(newest, { k: int64([count], [1]) });
      const ranked = rankedContinuations(candidates!, logProbabilities!);
      return byPrompt(live, (_, place) => ranked[place]!);
    }
    const all = (await batch.step(newest)).scores!.data as Float32Array;
    return byPrompt(live, ({ ids, logProbability }, place) => {
      const scores = all.subarray(place * vocabularySize, (place + 1) * vocabularySize);
      applyScoreRules(scores, [decoderStartId, ...ids], settings, { maxLength: settings.maxLength, eosId });
      if (beams === 1) logSoftmax(scores);
      return likeliest(scores, logProbability, count);
    });
  }

  /** Frees the native memory; the generator cannot be used afterwards. */
  async release(): Promise<void> {
    for (const step of this.#steps.values()) await (await step).release();
    await this.#cross.release();
  }
}

function headFor(settings: GenerateSettings): Head {
  if (!changesScores(settings)) return 'likeliest';
  return settings.beams === 1 ? 'logits' : 'logProbabilities';
}

/** A value for each running beam of each prompt; `place` counts through all of them. */
function byPrompt<T>(live: readonly Search[], give: (beam: RunningBeam, place: number) => T): T[][] {
  let place = 0;
  return live.map(({ running }) =>
    running.map((beam) => {
      place += 1;
      return give(beam, place - 1);
    }),
  );
}

function answersOf(search: Search, { returnSequences }: GenerateSettings): Answer[] {
  const answers = search.best(returnSequences);
  if (answers.length > 0) return answers;
  throw new DeptError('bad-input', 'The rules of generation leave a prompt without an answer', {
    expected: 'an id that may follow at each step',
    got: 'every id of the vocabulary banned',
    remedy: 'Lower the minimum length, or raise the length of sequences that must not repeat.',
  });
}
