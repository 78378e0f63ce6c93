/** A tuned model as a writer: texts about pictures, by greedy or beam search. */
import { DeptError } from '../common/errors.ts';
import type { JobHooks } from '../contract/jobs.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { createGenerator, type EncodedSource, type SequenceGenerator } from '../decoding/generate.ts';
import type { GenerateSettings } from '../decoding/generate-options.ts';
import type { Answer } from '../decoding/search.ts';
import { compile } from '../graph/compile.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { Session } from '../runtime/session.ts';
import { type ParameterValues, parameterFeeds } from '../training/train-step.ts';
import { encoderFeeds, encodingGraph } from '../vision-language/clip-t5.ts';
import { type OpenModel, sessionOptions } from './open-model.ts';
import type { VisualTokens } from './visual-features.ts';

/** What T5 reads about which picture. */
export interface Prompt {
  readonly imageId: string;
  readonly text: string;
}

/** Prompts of one pass through the encoder. */
export const PROMPTS_PER_RUN = 64;

export class Writer implements AsyncDisposable {
  readonly #model: OpenModel;
  readonly #config: TrainConfig;
  readonly #encoder: Session;
  readonly #generator: SequenceGenerator;

  private constructor(model: OpenModel, config: TrainConfig, encoder: Session, generator: SequenceGenerator) {
    this.#model = model;
    this.#config = config;
    this.#encoder = encoder;
    this.#generator = generator;
  }

  static async create(model: OpenModel, config: TrainConfig): Promise<Writer> {
    const { checkpoint, clipT5 } = model;
    const options = sessionOptions(config);
    const encoded = encodingGraph(new CheckpointBackbone(checkpoint), clipT5);
    const encoder = await Session.create(compile({ encoded }), options);
    const generator = await createGenerator({ checkpoint, config: clipT5.config, ...options });
    return new Writer(model, config, encoder, generator);
  }

  /** One text for each prompt, in order, with these trained values. Throws `cancelled` on an abort. */
  async write(
    parameters: readonly ParameterValues[],
    prompts: readonly Prompt[],
    readTokens: VisualTokens['read'],
    { progress, signal, unpaused }: JobHooks,
  ): Promise<string[]> {
    const { tokenizer, clipT5 } = this.#model;
    const size = clipT5.visual.tokens * clipT5.visual.width;
    const encoded = prompts.map(({ text }) => tokenizer.encode(text, { maxLength: this.#config.maxTextLength }));
    const order = prompts.map((_, i) => i).sort((a, b) => encoded[a]!.length - encoded[b]!.length);
    const tell = (done: number): void =>
      progress?.({ task: 'Generating text', done, total: order.length, unit: 'examples' });
    const texts = Array<string>(prompts.length);
    for (let done = 0; done < order.length; done += PROMPTS_PER_RUN) {
      await unpaused?.();
      if (signal?.aborted) throw new DeptError('cancelled', 'Generating text was stopped');
      tell(done);
      const batch = order.slice(done, done + PROMPTS_PER_RUN);
      const tokens = new Float32Array(batch.length * size);
      batch.forEach((prompt, i) => {
        readTokens(prompts[prompt]!.imageId, tokens, i * size);
      });
      const ids = batch.map((prompt) => encoded[prompt]!);
      const source = await this.#encode(parameters, ids, tokens);
      const written = await this.#generator.generate(source, this.#model.generation, signal);
      batch.forEach((prompt, i) => {
        texts[prompt] = tokenizer.decode(written[i]![0]!.ids).trim();
      });
    }
    tell(order.length);
    return texts;
  }

  /**
   * What the search finds for one prompt about a picture, best first, and the encoder's output that it read.
   * Throws `cancelled` on an abort, `bad-input` where the rules of generation leave no answer.
   */
  async answers(
    parameters: readonly ParameterValues[],
    text: string,
    visualTokens: Float32Array,
    generation: GenerateSettings,
    signal?: AbortSignal,
  ): Promise<{ readonly source: EncodedSource; readonly answers: readonly Answer[] }> {
    const ids = this.#model.tokenizer.encode(text, { maxLength: this.#config.maxTextLength });
    const source = await this.#encode(parameters, [ids], visualTokens);
    const [answers] = await this.#generator.generate(source, generation, signal);
    return { source, answers: answers! };
  }

  /** The encoder's output for a batch of texts (token ids) and visual tokens [batch, tokens, width]. */
  async #encode(
    parameters: readonly ParameterValues[],
    texts: readonly (readonly number[])[],
    tokens: Float32Array,
  ): Promise<EncodedSource> {
    const feeds = { ...encoderFeeds(this.#model.clipT5, texts, tokens), ...parameterFeeds(parameters) };
    const { encoded } = await this.#encoder.run(feeds);
    return { states: encoded!, mask: feeds.mask! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#encoder.release();
    await this.#generator.release();
  }
}
