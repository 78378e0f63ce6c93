/** Using a run: scoring a split, captioning pictures, answering questions. */
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';
import type {
  AskRequest,
  AskResult,
  CaptionRequest,
  CaptionResult,
  EvaluateRequest,
  EvaluateResult,
  TrainedRunRequest,
} from '../contract/calls.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { layOver, parseTrainConfig } from '../contract/parse-config.ts';
import type { Task, TrainConfig } from '../contract/train-config.ts';
import { openDataset } from '../data/dataset.ts';
import { openRun } from '../runs/run-library.ts';
import { readTrained } from '../training/checkpoint-files.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import { taskText } from '../vision-language/tasks.ts';
import { type OpenModel, openModel } from './open-model.ts';
import { checkUnchanged, modelFingerprints } from './run-identity.ts';
import { type Reference, referencesOf, score } from './scoring.ts';
import { encodePictures, openVisualTokens } from './visual-features.ts';
import { Writer } from './writer.ts';

interface TrainedRun {
  readonly id: string;
  readonly folder: string;
  readonly config: TrainConfig;
  readonly model: OpenModel;
  readonly step: number;
  readonly parameters: ReturnType<typeof readTrained>;
}

/**
 * Throws `not-found` for run and checkpoint, `bad-input` where a model is not the one that the run was trained on,
 * `bad-config` for a wrong value in `decoding`.
 */
function openTrained(home: string, { run: id, checkpoint, decoding = {} }: TrainedRunRequest): TrainedRun {
  const run = openRun(home, id);
  const config = parseTrainConfig(layOver(parseTrainConfig(run.record().config), { evaluation: decoding }));
  const { step, folder } = run.checkpoints.find(checkpoint);
  const model = openModel(home, config);
  checkUnchanged(run, modelFingerprints(model));
  const parameters = readTrained(folder, trainedParameters(model.clipT5));
  return { id: run.id, folder: run.folder, config, model, step, parameters };
}

/** COCO's ids are numbers; other ids stay as they are. */
function officialId(id: string): number | string {
  return /^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : id;
}

/** The official result file: `[{question_id, answer}]` or `[{image_id, caption}]` (spec 5.1, 5.3). */
function resultFile(task: Task, references: readonly Reference[], predictions: readonly string[]): string {
  const rows = references.map(({ id }, i) =>
    task === 'vqa'
      ? { question_id: officialId(id), answer: predictions[i] }
      : { image_id: officialId(id), caption: predictions[i] },
  );
  return `${JSON.stringify(rows)}\n`;
}

/** Scores a split and writes the official result file, by default into the run's folder. */
export async function evaluateRun(home: string, request: EvaluateRequest, hooks: JobHooks): Promise<EvaluateResult> {
  const { id, folder, config, model, step, parameters } = openTrained(home, request);
  const { split } = request;
  using dataset = openDataset(home, config.dataset.name);
  const references = referencesOf(dataset, split, config.task);
  using tokens = await openVisualTokens(home, dataset, [split], model.vision, hooks);
  await using writer = await Writer.create(model, config);
  const written = await writer.write(parameters, references, tokens.read, hooks);
  const metrics = score(config.task, references, written);
  const predictions = request.predictions ?? join(folder, `predictions-${split}-${step}.json`);
  writeAtomic(predictions, resultFile(config.task, references, written));
  const { name } = config.dataset;
  return { run: id, dataset: name, split, step, examples: references.length, metrics, predictions };
}

/** One text for each picture file, all with the same words to T5. */
async function writeAbout(
  home: string,
  request: TrainedRunRequest,
  task: Task,
  text: string,
  images: readonly string[],
  hooks: JobHooks,
): Promise<string[]> {
  const { id, config, model, parameters } = openTrained(home, request);
  if (config.task !== task) {
    throw new DeptError('bad-input', `The run '${id}' was trained for another task`, {
      expected: `a run of the task ${task}`,
      got: config.task,
    });
  }
  const tokens: Float32Array[] = [];
  for await (const own of encodePictures(model.vision, images, hooks)) tokens.push(own);
  await using writer = await Writer.create(model, config);
  const prompts = images.map((_, i) => ({ imageId: String(i), text }));
  const read = (imageId: string, into: Float32Array, offset: number): void =>
    into.set(tokens[Number(imageId)]!, offset);
  return await writer.write(parameters, prompts, read, hooks);
}

export async function captionImages(home: string, request: CaptionRequest, hooks: JobHooks): Promise<CaptionResult[]> {
  const { images } = request;
  const captions = await writeAbout(home, request, 'caption', taskText('caption'), images, hooks);
  return images.map((image, i) => ({ image, caption: captions[i]! }));
}

export async function askImage(home: string, request: AskRequest, hooks: JobHooks): Promise<AskResult> {
  const { image, question } = request;
  const [answer] = await writeAbout(home, request, 'vqa', taskText('vqa', question), [image], hooks);
  return { image, question, answer: answer! };
}
