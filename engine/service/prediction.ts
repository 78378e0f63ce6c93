/** Using a run: scoring a split, captioning pictures, answering questions. */
import { join } from 'node:path';
import { writeAtomic } from '../common/files.ts';
import type {
  AskRequest,
  AskResult,
  CaptionRequest,
  CaptionResult,
  CheckpointChoice,
  EvaluateRequest,
  EvaluateResult,
} from '../contract/calls.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { openDataset } from '../data/dataset.ts';
import { openRun } from '../runs/run-library.ts';
import { readTrained } from '../training/checkpoint-files.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import { preprocessImage } from '../vision-language/image-preprocessing.ts';
import { taskText } from '../vision-language/tasks.ts';
import { type Reference, referencesOf, score, Writer } from './evaluation.ts';
import { createImageEncoder, type OpenModel, openModel } from './open-model.ts';
import { fillFeatureCache } from './visual-features.ts';

type Trained = ReturnType<typeof readTrained>;

interface OpenedRun {
  readonly id: string;
  readonly folder: string;
  readonly config: TrainConfig;
  readonly model: OpenModel;
  readonly step: number;
  readonly parameters: Trained;
}

function openTrained(home: string, run: string, checkpoint: CheckpointChoice): OpenedRun {
  const folder = openRun(home, run);
  const config = parseTrainConfig(folder.record().config);
  const model = openModel(home, config);
  const { step, folder: saved } = folder.checkpoints.find(checkpoint);
  const parameters = readTrained(saved, trainedParameters(model.clipT5));
  return { id: folder.id, folder: folder.folder, config, model, step, parameters };
}

/** COCO's ids are numbers; other ids stay as they are. */
function officialId(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

/** The official result file: `[{question_id, answer}]` or `[{image_id, caption}]` (spec 5.1, 5.3). */
function resultFile(
  task: TrainConfig['task'],
  references: readonly Reference[],
  predictions: readonly string[],
): string {
  const rows = references.map(({ id }, i) =>
    task === 'vqa'
      ? { question_id: officialId(id), answer: predictions[i] }
      : { image_id: officialId(id), caption: predictions[i] },
  );
  return `${JSON.stringify(rows)}\n`;
}

/** Scores a split and writes the official result file, by default into the run's folder. */
export async function evaluateRun(home: string, request: EvaluateRequest, hooks: JobHooks): Promise<EvaluateResult> {
  const { id, folder, config, model, step, parameters } = openTrained(home, request.run, request.checkpoint);
  using dataset = openDataset(home, config.dataset.name);
  const references = referencesOf(dataset, request.split, config.task);
  const { cache } = await fillFeatureCache(home, dataset, [request.split], model.vision, hooks);
  const writer = await Writer.create(model, config.maxTextLength, config.threads);
  try {
    const predictions = await writer.write(parameters, references, cache.read.bind(cache), config.evaluation, hooks);
    const { metrics } = score(config.task, references, predictions);
    const path = request.predictions ?? join(folder, `predictions-${request.split}-${step}.json`);
    writeAtomic(path, resultFile(config.task, references, predictions));
    return {
      run: id,
      dataset: config.dataset.name,
      split: request.split,
      step,
      examples: references.length,
      metrics,
      predictions: path,
    };
  } finally {
    await writer.release();
    cache.close();
  }
}

/** One text per picture file, all with the same words to T5. */
async function writeAbout(
  home: string,
  { run, checkpoint }: { run: string; checkpoint: CheckpointChoice },
  images: readonly string[],
  textOf: (config: TrainConfig) => string,
  hooks: JobHooks,
): Promise<string[]> {
  const { config, model, parameters } = openTrained(home, run, checkpoint);
  const encoder = await createImageEncoder(model.vision);
  const writer = await Writer.create(model, config.maxTextLength, config.threads);
  try {
    const tokens = new Map<string, Float32Array>();
    for (const image of images) {
      const [encoded] = await encoder.encode([await preprocessImage(image, model.vision.preprocessing)]);
      tokens.set(image, encoded!.tokens);
    }
    const inputs = images.map((imageId) => ({ imageId, text: textOf(config) }));
    const read = (imageId: string, into: Float32Array, offset: number): void => into.set(tokens.get(imageId)!, offset);
    return await writer.write(parameters, inputs, read, config.evaluation, hooks);
  } finally {
    await encoder.release();
    await writer.release();
  }
}

export async function captionImages(home: string, request: CaptionRequest, hooks: JobHooks): Promise<CaptionResult[]> {
  const texts = await writeAbout(home, request, request.images, () => taskText('caption'), hooks);
  return request.images.map((image, i) => ({ image, caption: texts[i]! }));
}

export async function askImage(home: string, request: AskRequest, hooks: JobHooks): Promise<AskResult> {
  const { image, question } = request;
  const [answer] = await writeAbout(home, request, [image], () => taskText('vqa', question), hooks);
  return { image, question, answer: answer! };
}
