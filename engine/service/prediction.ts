/** Using a run: scoring a split, captioning pictures, answering questions. */
import { readFileSync } from 'node:fs';
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
import type { Task, TrainConfig } from '../contract/train-config.ts';
import { openDataset } from '../data/dataset.ts';
import { notesOf } from '../metrics/metric-notes.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun } from '../runs/run-library.ts';
import { readTrained } from '../training/checkpoint-files.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import { taskText } from '../vision-language/tasks.ts';
import { evaluationId, keepEvaluation } from './evaluation-store.ts';
import { type OpenModel, openModel, withSharedWeights } from './open-model.ts';
import { decodingInForce, runConfig } from './run-decoding.ts';
import { checkUnchanged, modelFingerprints, versions } from './run-identity.ts';
import { referencesOf, scoreEach } from './scoring.ts';
import { encodePictures, imagesNamed, openVisualTokens } from './visual-features.ts';
import { Writer } from './writer.ts';

interface TrainedRun {
  readonly run: RunFolder;
  readonly config: TrainConfig;
  readonly model: OpenModel;
  readonly step: number;
  readonly parameters: ReturnType<typeof readTrained>;
}

/**
 * Throws `not-found` for run and checkpoint, `bad-input` where a model is not the one that the run was trained on,
 * `bad-config` for a wrong value in `decoding`.
 */
function openTrained(home: string, { run: id, checkpoint, decoding }: TrainedRunRequest): TrainedRun {
  const run = openRun(home, id);
  const config = runConfig(run, decoding);
  const { step, folder } = run.checkpoints.find(checkpoint);
  const model = openModel(home, config);
  checkUnchanged(run, modelFingerprints(model));
  const parameters = readTrained(folder, trainedParameters(model.clipT5));
  return { run, config, model: withSharedWeights(home, config, model), step, parameters };
}

/** Scores a split, and keeps the evaluation with the score of every item in the run's folder. */
export async function evaluateRun(home: string, request: EvaluateRequest, hooks: JobHooks): Promise<EvaluateResult> {
  const begun = performance.now();
  const { run, config, model, step, parameters } = openTrained(home, request);
  const { split, checkpoint, limit, predictions } = request;
  const { task } = config;
  using dataset = openDataset(home, config.dataset.name);
  const references = referencesOf(dataset, split, task, limit);
  using tokens = await openVisualTokens(home, dataset, imagesNamed(dataset, references), model.vision, hooks);
  await using writer = await Writer.create(model, config);
  const written = await writer.write(parameters, references, tokens.read, hooks);
  const { metrics, items } = scoreEach(task, references, written);
  const decoding = decodingInForce(model.generation);
  const about = { run: run.id, dataset: config.dataset.name, split, step, examples: references.length, metrics };
  const kept = keepEvaluation(
    run,
    {
      ...about,
      id: evaluationId({ split, step, decoding, limit }),
      task,
      checkpoint,
      created: new Date().toISOString(),
      seconds: (performance.now() - begun) / 1000,
      limit,
      notes: notesOf(metrics),
      decoding,
      versions: versions(),
    },
    references.map(({ text: _, ...reference }, i) => ({
      ...reference,
      references: [...reference.references],
      prediction: written[i]!,
      ...items[i]!,
    })),
  );
  if (predictions !== undefined) writeAtomic(predictions, readFileSync(kept.predictionsPath));
  return { ...about, evaluation: kept.id, predictions: predictions ?? kept.predictionsPath };
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
  const { run, config, model, parameters } = openTrained(home, request);
  if (config.task !== task) {
    throw new DeptError('bad-input', `The run '${run.id}' was trained for another task`, {
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
