/** Writes a scene dataset as pictures, COCO captions and VQA v2 files, the same bytes for the same recipe everywhere. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { DeptError } from '../../common/errors.ts';
import { writeAtomic } from '../../common/files.ts';
import { Random } from '../../common/random.ts';
import { QuestionBalance } from './balance.ts';
import { captions } from './captions.ts';
import type { Question } from './questions.ts';
import type { SceneRecipe } from './recipe.ts';
import { renderScene } from './render.ts';
import { type Scene, sampleScene } from './scene.ts';

/** Image ids of the splits lie apart, so that an id names one picture of the whole set. */
const idsPerSplit = 100_000;

export interface ScenePicture {
  readonly id: number;
  readonly scene: Scene;
  readonly captions: readonly string[];
  readonly questions: readonly Question[];
}

/** The pictures of one split, one after the other, not yet drawn. */
export function* picturesOf(recipe: SceneRecipe, split: string): Generator<ScenePicture> {
  const place = Object.keys(recipe.splits).indexOf(split);
  const balance = new QuestionBalance();
  for (let i = 0; i < recipe.splits[split]!; i += 1) {
    const random = new Random(recipe.name, recipe.seed, split, i);
    const scene = sampleScene(random, recipe.scenes);
    yield {
      id: place * idsPerSplit + i + 1,
      scene,
      captions: captions(scene, random, recipe.captionsPerPicture, { variety: recipe.scenes.variety }),
      questions: balance.take(scene, random, recipe.questionsPerPicture),
    };
  }
}

const fileName = (id: number): string => `${String(id).padStart(12, '0')}.png`;

/** COCO's captions file of a split. */
function cocoCaptions({ name, size, captionsPerPicture }: SceneRecipe, pictures: readonly ScenePicture[]): object {
  return {
    info: { description: `${name}: drawn scenes` },
    licenses: [],
    type: 'captions',
    images: pictures.map(({ id }) => ({ id, file_name: fileName(id), width: size, height: size })),
    annotations: pictures.flatMap(({ id, captions: texts }) =>
      texts.map((caption, n) => ({ image_id: id, id: (id - 1) * captionsPerPicture + n + 1, caption })),
    ),
  };
}

const questionId = (imageId: number, n: number): number => imageId * 1000 + n;

function vqaQuestions({ name }: SceneRecipe, split: string, pictures: readonly ScenePicture[]): object {
  return {
    info: { description: `${name}: drawn scenes` },
    task_type: 'Open-Ended',
    data_type: name,
    data_subtype: split,
    questions: pictures.flatMap(({ id, questions }) =>
      questions.map(({ question }, n) => ({ image_id: id, question, question_id: questionId(id, n) })),
    ),
  };
}

function vqaAnnotations({ name }: SceneRecipe, split: string, pictures: readonly ScenePicture[]): object {
  return {
    info: { description: `${name}: drawn scenes` },
    data_type: name,
    data_subtype: split,
    annotations: pictures.flatMap(({ id, questions }) =>
      questions.map((question, n) => ({
        image_id: id,
        question_id: questionId(id, n),
        question_type: question.questionType,
        answer_type: question.answerType,
        multiple_choice_answer: question.answer,
        answers: question.answers.map((answer, i) => ({
          answer,
          answer_confidence: answer === question.answer ? 'yes' : 'maybe',
          answer_id: i + 1,
        })),
      })),
    ),
  };
}

/** Called after each picture with the number written so far and the number in all. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Writes images/<split>/<12-digit id>.png, captions_<split>.json, questions_<split>.json and annotations_<split>.json
 * for each split. Throws `cancelled` when the signal stops it; what was written until then stays.
 */
export async function writeSampleDataset(
  folder: string,
  recipe: SceneRecipe,
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  const { size } = recipe;
  const total = Object.values(recipe.splits).reduce((sum, count) => sum + count, 0);
  let done = 0;
  for (const split of Object.keys(recipe.splits)) {
    const images = join(folder, 'images', split);
    mkdirSync(images, { recursive: true });
    const pictures: ScenePicture[] = [];
    for (const picture of picturesOf(recipe, split)) {
      if (signal?.aborted) throw new DeptError('cancelled', 'Writing the sample dataset was stopped', { path: folder });
      const raw = { width: size, height: size, channels: 3 } as const;
      const png = await sharp(renderScene(picture.scene, size), { raw }).png({ compressionLevel: 6 }).toBuffer();
      writeFileSync(join(images, fileName(picture.id)), png);
      pictures.push(picture);
      done += 1;
      onProgress?.(done, total);
    }
    const write = (kind: string, value: object): void =>
      writeAtomic(join(folder, `${kind}_${split}.json`), `${JSON.stringify(value)}\n`);
    write('captions', cocoCaptions(recipe, pictures));
    write('questions', vqaQuestions(recipe, split, pictures));
    write('annotations', vqaAnnotations(recipe, split, pictures));
  }
}
