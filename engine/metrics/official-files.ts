/** Reads the published file formats of COCO captions and VQA v2 into items to score. Spec 5.1 and 5.3. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import type { CaptionItem } from './captions.ts';
import type { VqaItem } from './vqa-accuracy.ts';

/** One published file format; schemas keep what scoring needs and skip the rest. */
interface Format<T> {
  /** What the file holds, for messages. */
  readonly what: string;
  readonly form: string;
  readonly schema: z.ZodType<T>;
}
const format = <T>(what: string, form: string, schema: z.ZodType<T>): Format<T> => ({ what, form, schema });

const id = z.union([z.number(), z.string()], 'expected a number or a string').transform(String);

const CAPTION_REFERENCES = format(
  'reference captions',
  '{"images": [{"id"}], "annotations": [{"image_id", "caption"}]}',
  z.object({
    images: z.array(z.object({ id })),
    annotations: z.array(z.object({ image_id: id, caption: z.string() })),
  }),
);
const CAPTION_PREDICTIONS = format(
  'predicted captions',
  '[{"image_id", "caption"}]',
  z.array(z.object({ image_id: id, caption: z.string() })),
);
const VQA_QUESTIONS = format(
  'questions',
  '{"questions": [{"question_id"}]}',
  z.object({ questions: z.array(z.object({ question_id: id })) }),
);
const VQA_ANNOTATIONS = format(
  'annotations',
  '{"annotations": [{"question_id", "answers": [{"answer"}], "answer_type", "question_type"}]}',
  z.object({
    annotations: z.array(
      z.object({
        question_id: id,
        answers: z.array(z.object({ answer: z.string() })).min(1),
        answer_type: z.string().optional(),
        question_type: z.string().optional(),
      }),
    ),
  }),
);
const VQA_PREDICTIONS = format(
  'predicted answers',
  '[{"question_id", "answer"}]',
  z.array(z.object({ question_id: id, answer: z.string() })),
);

/** `annotations[3].caption`, as a program would write it. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

async function read<T>(path: string, { what, form, schema }: Format<T>): Promise<T> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause;
    throw new DeptError(missing ? 'not-found' : 'bad-file', `Cannot read the ${what}`, {
      path,
      expected: 'a readable JSON file',
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = placeOf(issue.path);
  throw new DeptError('bad-file', `The ${what} are not in the published format`, {
    path: place === '' ? path : `${path}: ${place}`,
    expected: form,
    got: issue.message,
    remedy: 'Check that each file is given in its place',
  });
}

const SHOWN = 5;
const list = (ids: readonly string[]): string =>
  ids.length > SHOWN ? `${ids.slice(0, SHOWN).join(', ')} and ${ids.length - SHOWN} more` : ids.join(', ');

/** @throws DeptError where an id comes twice. */
function byId<T>(entries: readonly T[], idOf: (entry: T) => string, path: string, noun: string): Map<string, T> {
  const found = new Map<string, T>();
  const twice: string[] = [];
  for (const entry of entries) {
    if (found.has(idOf(entry))) twice.push(idOf(entry));
    found.set(idOf(entry), entry);
  }
  refuse(twice, `The same ${noun} comes more than once`, path, `one entry for every ${noun}`);
  return found;
}

function refuse(ids: readonly string[], message: string, path: string, expected: string): void {
  if (ids.length > 0) throw new DeptError('bad-file', message, { path, expected, got: list(ids) });
}

export interface CaptionFiles {
  readonly items: CaptionItem[];
  /** Images with references but no prediction. The COCO evaluation leaves them out, and so does `items`. */
  readonly withoutPrediction: number;
}

/**
 * A COCO caption annotation file and a result file, the items in the order of the annotation file's images.
 * @throws DeptError `not-found`, or `bad-file`: wrong form, an image predicted twice, or one without references.
 */
export async function readCaptionFiles(paths: { references: string; predictions: string }): Promise<CaptionFiles> {
  const references = await read(paths.references, CAPTION_REFERENCES);
  const predictions = byId(
    await read(paths.predictions, CAPTION_PREDICTIONS),
    (entry) => entry.image_id,
    paths.predictions,
    'image',
  );
  const captions = new Map<string, string[]>(references.images.map((image) => [image.id, []]));
  const strays = references.annotations
    .filter(({ image_id }) => !captions.has(image_id))
    .map(({ image_id }) => image_id);
  refuse(strays, 'Captions belong to images the file does not list', paths.references, 'annotations of listed images');
  for (const { image_id, caption } of references.annotations) captions.get(image_id)!.push(caption);

  const unknown = [...predictions.keys()].filter((image) => (captions.get(image) ?? []).length === 0);
  refuse(unknown, 'Predicted images have no reference captions', paths.predictions, 'images of the reference file');
  const items = [...captions].flatMap(([image, own]) => {
    const prediction = predictions.get(image);
    return prediction === undefined ? [] : [{ id: image, prediction: prediction.caption, references: own }];
  });
  return { items, withoutPrediction: captions.size - items.length };
}

/**
 * VQA v2 question, annotation and result files, the items in the order of the question file.
 * @throws DeptError `not-found`, or `bad-file`: wrong form, or the three files are not about the same questions, each once.
 */
export async function readVqaFiles(paths: {
  questions: string;
  annotations: string;
  predictions: string;
}): Promise<VqaItem[]> {
  const { questions } = await read(paths.questions, VQA_QUESTIONS);
  const asked = byId(questions, (entry) => entry.question_id, paths.questions, 'question');
  const { annotations } = await read(paths.annotations, VQA_ANNOTATIONS);
  const annotated = byId(annotations, (entry) => entry.question_id, paths.annotations, 'question');
  const predicted = byId(
    await read(paths.predictions, VQA_PREDICTIONS),
    (entry) => entry.question_id,
    paths.predictions,
    'question',
  );
  const others: readonly (readonly [string, ReadonlyMap<string, unknown>, string])[] = [
    [paths.annotations, annotated, 'annotations'],
    [paths.predictions, predicted, 'predicted answers'],
  ];
  for (const [path, entries, what] of others) {
    const missing = [...asked.keys()].filter((question) => !entries.has(question));
    refuse(missing, `Questions are missing from the ${what}`, path, 'every question of the question file');
    const unknown = [...entries.keys()].filter((question) => !asked.has(question));
    refuse(unknown, `The ${what} have questions that were not asked`, path, 'only questions of the question file');
  }
  return [...asked.keys()].map((question) => {
    const { answers, answer_type, question_type } = annotated.get(question)!;
    return {
      id: question,
      prediction: predicted.get(question)!.answer,
      answers: answers.map(({ answer }) => answer),
      ...(answer_type === undefined ? {} : { answerType: answer_type }),
      ...(question_type === undefined ? {} : { questionType: question_type }),
    };
  });
}
