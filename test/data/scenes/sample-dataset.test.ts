import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { DeptError } from '../../../engine/common/errors.ts';
import { readRecipe, type SceneRecipe } from '../../../engine/data/scenes/recipe.ts';
import { renderScene } from '../../../engine/data/scenes/render.ts';
import { picturesOf, writeSampleDataset } from '../../../engine/data/scenes/sample-dataset.ts';

const recipe = readRecipe(join(import.meta.dirname, '../../../assets/scenes/recipe.json'));
const small: SceneRecipe = { ...recipe, splits: { train: 6, test: 3 } };
const folder = mkdtempSync(join(tmpdir(), 'scenes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const json = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

describe('writeSampleDataset', () => {
  test('writes pictures, COCO captions and VQA v2 files, twice the same', async () => {
    const seen: string[] = [];
    await writeSampleDataset(join(folder, 'a'), small, (done, total) => seen.push(`${done}/${total}`));
    await writeSampleDataset(join(folder, 'b'), small);
    expect(seen.at(-1)).toBe('9/9');
    const files = readdirSync(join(folder, 'a'), { recursive: true })
      .map(String)
      .filter((file) => /\.\w+$/.test(file));
    expect(files).toHaveLength(9 + 6);
    for (const file of files) {
      expect(readFileSync(join(folder, 'b', file)).equals(readFileSync(join(folder, 'a', file)))).toBe(true);
    }

    const captions = json('a', 'captions_train.json');
    expect(captions.images[0]).toEqual({ id: 1, file_name: '000000000001.png', width: 64, height: 64 });
    expect(captions.annotations).toHaveLength(6 * 5);
    const { questions } = json('a', 'questions_test.json');
    const { annotations } = json('a', 'annotations_test.json');
    expect(questions.map((q: { question_id: number }) => q.question_id)).toEqual(
      annotations.map((a: { question_id: number }) => a.question_id),
    );
    expect(annotations[0].answers.map((a: { answer_id: number }) => a.answer_id)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  test('a picture on disk is the scene, pixel for pixel', async () => {
    const [picture] = picturesOf(small, 'test');
    const pixels = await sharp(join(folder, 'a', 'images', 'test', '000000100001.png'))
      .raw()
      .toBuffer();
    expect(picture!.id).toBe(100_001);
    expect(Buffer.from(renderScene(picture!.scene)).equals(pixels)).toBe(true);
  });

  test('stops when told to', async () => {
    const stopped = writeSampleDataset(join(folder, 'c'), small, undefined, AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('a recipe that is wrong is refused by name', () => {
    const missing = join(folder, 'nothing.json');
    expect(() => readRecipe(missing)).toThrow(DeptError);
    expect(() => readRecipe(join(folder, 'a', 'captions_train.json'))).toThrow(DeptError);
  });
});

/** VQA accuracy of one answer: 0.3 for each person of the ten who gave it, at most 1 (four or more). */
function accuracy(answers: readonly string[], given: string | undefined): number {
  const agreeing = answers.filter((answer) => answer === given).length;
  return agreeing > 3 ? 1 : agreeing * 0.3;
}

describe('questions without the picture', () => {
  const sample: SceneRecipe = { ...recipe, splits: { train: 300, test: 100 } };
  const of = (split: string) => [...picturesOf(sample, split)].flatMap(({ questions }) => questions);
  const [train, test100] = [of('train'), of('test')];

  /** The answer most people gave on train to this text, or else to questions that begin so. */
  function blindGuess(question: string, questionType: string): string | undefined {
    const exact = train.filter((other) => other.question === question);
    const alike = exact.length > 0 ? exact : train.filter((other) => other.questionType === questionType);
    const counts = Map.groupBy(
      alike.flatMap(({ answers }) => answers),
      (answer) => answer,
    );
    return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
  }

  test('are answered badly: the floor is below 50', () => {
    const scores = test100.map((one) => accuracy(one.answers, blindGuess(one.question, one.questionType)));
    expect((100 * scores.reduce((sum, score) => sum + score, 0)) / scores.length).toBeLessThan(50);
  });

  test('the truth scores 100, and the mix is near 45 : 20 : 35', () => {
    for (const { answers, answer } of test100) expect(accuracy(answers, answer)).toBe(1);
    const share = (type: string) => train.filter(({ answerType }) => answerType === type).length / train.length;
    expect(share('yes/no')).toBeCloseTo(0.45, 1);
    expect(share('number')).toBeCloseTo(0.2, 1);
    expect(share('other')).toBeCloseTo(0.35, 1);
  });
});
