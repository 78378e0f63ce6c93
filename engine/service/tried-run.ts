/** A trained run kept open for the playground: its models, their graphs, and the picture it saw last. */
import { statSync } from 'node:fs';
import type { TrainConfig } from '../contract/train-config.ts';
import type { TryResult } from '../contract/try-out.ts';
import { AttentionPass } from '../decoding/attention-pass.ts';
import { attendedWord, wordsOfIds } from '../decoding/attention-words.ts';
import type { EncodedSource } from '../decoding/generate.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { ImageEncoder } from '../vision-language/image-encoder.ts';
import { preprocessImage } from '../vision-language/image-preprocessing.ts';
import { createImageEncoder, type OpenModel, openModel, withSharedWeights } from './open-model.ts';
import { checkUnchanged, modelFingerprints } from './run-identity.ts';
import { Writer } from './writer.ts';

/** Changes when the file at `path` does. */
function fileStamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? `${path} missing` : `${path} ${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

function modelStamp({ vision, checkpoint }: OpenModel): string {
  return [...vision.checkpoint.files, ...checkpoint.files].map(({ path }) => fileStamp(path)).join('\n');
}

export class TriedRun implements AsyncDisposable {
  readonly model: OpenModel;
  readonly #stamp: string;
  readonly #encoder: ImageEncoder;
  readonly #writer: Writer;
  readonly #held: AsyncDisposableStack;
  readonly #threads: number | undefined;
  #pass: AttentionPass | undefined;
  #seen: { readonly stamp: string; readonly tokens: Float32Array } | undefined;

  private constructor(
    model: OpenModel,
    parts: { readonly stamp: string; readonly encoder: ImageEncoder; readonly writer: Writer },
    held: AsyncDisposableStack,
  ) {
    this.model = model;
    this.#threads = model.vision.threads;
    this.#stamp = parts.stamp;
    this.#encoder = parts.encoder;
    this.#writer = parts.writer;
    this.#held = held;
  }

  /** `config` is the run's. Throws `bad-input` where a model is not the one that the run was trained on. */
  static async open(home: string, run: RunFolder, config: TrainConfig): Promise<TriedRun> {
    const model = withSharedWeights(home, config, openModel(home, config));
    const stamp = modelStamp(model);
    checkUnchanged(run, modelFingerprints(model));
    await using held = new AsyncDisposableStack();
    const encoder = held.adopt(await createImageEncoder(model.vision), (one) => one.release());
    const writer = held.use(await Writer.create(model, config));
    return new TriedRun(model, { stamp, encoder, writer }, held.move());
  }

  /** False once a file of the models has been changed or removed: then it must be opened anew. */
  get isCurrent(): boolean {
    return modelStamp(this.model) === this.#stamp;
  }

  /** The visual tokens of a picture file. Throws `not-found` or `bad-file`. */
  async look(path: string): Promise<Float32Array> {
    const stamp = fileStamp(path);
    if (this.#seen?.stamp === stamp) return this.#seen.tokens;
    const pixels = await preprocessImage(path, this.model.vision.preprocessing);
    const [encoded] = await this.#encoder.encode([pixels]);
    this.#seen = { stamp, tokens: encoded!.tokens };
    return encoded!.tokens;
  }

  /** See `Writer.answers`. */
  answers(...what: Parameters<Writer['answers']>): ReturnType<Writer['answers']> {
    return this.#writer.answers(...what);
  }

  /** Where the decoder looked in the picture, word by word of an answer. */
  async attention(source: EncodedSource, ids: readonly number[]): Promise<TryResult['words']> {
    const { checkpoint, clipT5, tokenizer } = this.model;
    this.#pass ??= this.#held.adopt(
      await AttentionPass.create({ checkpoint, config: clipT5.config, threads: this.#threads }),
      (pass) => pass.release(),
    );
    const rows = await this.#pass.run(source, ids);
    return wordsOfIds(tokenizer, ids).map((word) => attendedWord(word, rows, clipT5.visual.tokens));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held.disposeAsync();
  }
}
