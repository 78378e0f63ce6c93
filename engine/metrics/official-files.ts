/** Reads the published file formats of COCO captions and VQA v2 into items to score. Spec 5.1 and 5.3. */
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import type { CaptionItem } from './captions.ts';
import type { VqaItem } from './vqa-accuracy.ts';

const id = z.union([z.number(), z.string()], 'expected a number or a string').transform(String);

// The published formats; schemas keep what scoring needs and skip the rest.
const CAPTION_REFERENCES = z.object({
  images: z.array(z.object({ id })),
  annotations: z.array(z.object({ image_id: id, caption: z.string() })),
});
const CAPTION_PREDICTIONS = z.array(z.object({ image_id: id, caption: z.string() }));

const VQA_QUESTIONS = z.object({ questions: z.array(z.object({ question_id: id })) });
const VQA_ANNOTATIONS = z.object({
  annotations: z.array(
    z.object({
      question_id: id,
      answers: z.array(z.object({ answer: z.string() })).min(1),
      answer_type: z.string().optional(),
      question_type: z.string().optional(),
    }),
  ),
});
const VQA_PREDICTIONS = z.array(z.object({ question_id: id, answer: z.string() }));

const SHOWN = 5;

function refuse(ids: readonly string[], message: string, path: string, expected: string): void {
  if (ids.length === 0) return;
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '';
  throw new DeptError('bad-file', message, { path, expected, got: `${ids.slice(0, SHOWN).join(', ')}${more}` });
}

function byId<Key extends string, T extends Record<Key, string>>(
  entries: readonly T[],
  key: Key,
  path: string,
): Map<string, T> {
  const found = new Map<string, T>();
  const twice: string[] = [];
  for (const entry of entries) {
    if (found.has(entry[key])) twice.push(entry[key]);
    found.set(entry[key], entry);
  }
  refuse(twice, `The same ${key} comes more than once`, path, `one entry for every ${key}`);
  return found;
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
export function readCaptionFiles(paths: { references: string; predictions: string }): CaptionFiles {
  const references = readJson(paths.references, CAPTION_REFERENCES);
  const predictions = byId(readJson(paths.predictions, CAPTION_PREDICTIONS), 'image_id', paths.predictions);
  const captions = new Map<string, string[]>(references.images.map((image) => [image.id, []]));
  const strays = references.annotations
    .filter(({ image_id }) => !captions.has(image_id))
    .map(({ image_id }) => image_id);
  refuse(strays, 'Captions belong to images the file does not list', paths.references, 'annotations of listed images');
  for (const { image_id, caption } of references.annotations) captions.get(image_id)!.push(caption);

  const unknown = [...predictions.keys()].filter((image) => (captions.get(image) ?? []).length === 0);
  refuse(unknown, 'Predicted images have no reference captions', paths.predictions, 'images of the reference file');
  const described = [...captions].filter(([, own]) => own.length > 0);
  const items = described.flatMap(([image, own]) => {
    const prediction = predictions.get(image);
    return prediction === undefined ? [] : [{ id: image, prediction: prediction.caption, references: own }];
  });
  return { items, withoutPrediction: described.length - items.length };
}

/**
 * VQA v2 question, annotation and result files, the items in the order of the question file.
 * @throws DeptError `not-found`, or `bad-file`: wrong form, or the three files are not about the same questions, each once.
 */
export function readVqaFiles(paths: { questions: string; annotations: string; predictions: string }): VqaItem[] {
  const key = 'question_id';
  const asked = byId(readJson(paths.questions, VQA_QUESTIONS).questions, key, paths.questions);
  const annotated = byId(readJson(paths.annotations, VQA_ANNOTATIONS).annotations, key, paths.annotations);
  const predicted = byId(readJson(paths.predictions, VQA_PREDICTIONS), key, paths.predictions);
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

/**
 * The answers a model may give: a JSON array of strings, as `trainval_label2ans.json` is.
 * @throws DeptError `not-found`, or `bad-file`.
 */
export const readVocabulary = (path: string): ReadonlySet<string> => new Set(readJson(path, z.array(z.string())));
