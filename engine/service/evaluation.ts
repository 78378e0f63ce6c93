/** Answers and captions from a tuned model, and their scores. */
import { DeptError } from '../common/errors.ts';
import type { JobHooks, Metrics } from '../contract/jobs.ts';
import type { Task } from '../contract/train-config.ts';
import type { Dataset } from '../data/dataset.ts';
import { createGenerator, type SequenceGenerator } from '../decoding/generate.ts';
import { compile } from '../graph/compile.ts';
import { scoreCaptions } from '../metrics/captions.ts';
import { scoreVqa } from '../metrics/vqa-accuracy.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { Session } from '../runtime/session.ts';
import { parameterFeeds, type TrainedParameter } from '../training/train-step.ts';
import { encoderFeeds, encodingGraph } from '../vision-language/clip-t5.ts';
import { taskText } from '../vision-language/tasks.ts';
import { tenAnswers } from './examples.ts';
import type { OpenModel } from './open-model.ts';

export interface DecodingOptions {
  /** Beam width; 1 is greedy. */
  readonly beams: number;
  /** Longest sequence with its start token, as transformers counts. */
  readonly maxLength: number;
}

type Values = readonly Pick<TrainedParameter, 'spec' | 'values'>[];

/** Puts the visual tokens of a picture into a batch. */
export type ReadTokens = (imageId: string, into: Float32Array, offset: number) => void;

const EXAMPLES_PER_RUN = 64;

/** A model with its tuning, ready to write text about pictures. */
export class Writer {
  readonly #model: OpenModel;
  readonly #encoder: Session;
  readonly #generator: SequenceGenerator;
  readonly #maxTextLength: number;

  private constructor(model: OpenModel, encoder: Session, generator: SequenceGenerator, maxTextLength: number) {
    this.#model = model;
    this.#encoder = encoder;
    this.#generator = generator;
    this.#maxTextLength = maxTextLength;
  }

  static async create(model: OpenModel, maxTextLength: number, threads: number | null): Promise<Writer> {
    const { checkpoint, clipT5 } = model;
    const options = threads === null ? {} : { threads };
    const encoded = encodingGraph(new CheckpointBackbone(checkpoint), clipT5);
    const encoder = await Session.create(compile({ encoded }), options);
    const generator = await createGenerator({ checkpoint, config: clipT5.config, ...options });
    return new Writer(model, encoder, generator, maxTextLength);
  }

  /** One text for each input, in order. Throws `cancelled` on an abort. */
  async write(
    parameters: Values,
    inputs: readonly { readonly imageId: string; readonly text: string }[],
    readTokens: ReadTokens,
    { beams, maxLength }: DecodingOptions,
    hooks: JobHooks = {},
  ): Promise<string[]> {
    const { tokenizer, clipT5 } = this.#model;
    const size = clipT5.visual.tokens * clipT5.visual.width;
    const encoded = inputs.map(({ text }) => tokenizer.encode(text, { maxLength: this.#maxTextLength }));
    const order = inputs.map((_, i) => i).sort((a, b) => encoded[a]!.length - encoded[b]!.length || a - b);
    const results = Array<string>(inputs.length);
    for (let done = 0; done < order.length; done += EXAMPLES_PER_RUN) {
      if (hooks.signal?.aborted) throw new DeptError('cancelled', 'Decoding was stopped');
      hooks.progress?.({ task: 'Evaluating', done, total: order.length, unit: 'examples' });
      const batch = order.slice(done, done + EXAMPLES_PER_RUN);
      const tokens = new Float32Array(batch.length * size);
      batch.forEach((example, i) => {
        readTokens(inputs[example]!.imageId, tokens, i * size);
      });
      const texts = batch.map((example) => encoded[example]!);
      const feeds = { ...encoderFeeds(clipT5, texts, tokens), ...parameterFeeds(parameters) };
      const states = (await this.#encoder.run(feeds)).encoded!;
      const answers = await this.#generator.generate(
        { states, mask: feeds.mask! },
        { beams, maxLength: Math.max(1, maxLength - 1) },
        hooks.signal,
      );
      batch.forEach((example, i) => {
        results[example] = tokenizer.decode(answers[i]![0]!.ids).trim();
      });
    }
    hooks.progress?.({ task: 'Evaluating', done: order.length, total: order.length, unit: 'examples' });
    return results;
  }

  async release(): Promise<void> {
    await this.#encoder.release();
    await this.#generator.release();
  }
}

/** Something to predict and what people said of it. */
export interface Reference {
  /** The question's id, or the picture's own id (key), as the official result files have it. */
  readonly id: string;
  readonly imageId: string;
  readonly text: string;
  readonly question?: string;
  /** Ten answers, or the captions. */
  readonly references: readonly string[];
  readonly answerType?: string;
  readonly questionType?: string;
}

/** All of a split that can be scored, in its own order. Throws `bad-input` where there is nothing. */
export function referencesOf(dataset: Dataset, split: string, task: Task, limit: number | null = null): Reference[] {
  const all: Reference[] = [];
  const most = limit ?? Number.POSITIVE_INFINITY;
  if (task === 'vqa') {
    for (const { id, imageId, question, answers, answerType, questionType } of dataset.questions(split)) {
      if (all.length >= most) break;
      if (answers.length === 0) continue;
      const types = {
        ...(answerType === undefined ? {} : { answerType }),
        ...(questionType === undefined ? {} : { questionType }),
      };
      all.push({ id, imageId, text: taskText('vqa', question), question, references: tenAnswers(answers), ...types });
    }
  } else {
    for (const { image, captions } of dataset.captionGroups(split)) {
      if (all.length >= most) break;
      all.push({ id: image.key, imageId: image.id, text: taskText('caption'), references: captions });
    }
  }
  if (all.length > 0) return all;
  throw new DeptError('bad-input', `The split '${split}' of '${dataset.info.name}' has nothing to score`, {
    expected: task === 'vqa' ? 'questions with answers' : 'pictures with captions',
    got: dataset.splits().join(', '),
  });
}

export interface Scored {
  readonly metrics: Metrics;
  /** Score of each reference: VQA accuracy 0..1, or CIDEr. */
  readonly perItem: readonly number[];
}

/** VQA accuracy as VL-T5 counts it (spec 4.1 a), or the caption metrics. */
export function score(task: Task, references: readonly Reference[], predictions: readonly string[]): Scored {
  if (task === 'vqa') {
    const items = references.map(({ references: answers, ...rest }, i) => ({
      ...rest,
      prediction: predictions[i]!,
      answers,
    }));
    const { perItem, ...metrics } = scoreVqa(items, 'vl-t5');
    return { metrics, perItem: perItem.map((item) => item.score) };
  }
  const items = references.map(({ id, references: captions }, i) => ({
    id,
    prediction: predictions[i]!,
    references: captions,
  }));
  const { perItem, ...metrics } = scoreCaptions(items);
  return { metrics: { ...metrics }, perItem: perItem.map((item) => item.CIDEr) };
}
