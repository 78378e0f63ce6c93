/** A table with one answer for each question, written as people write: it trains, and a right answer counts fully. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { importDataset } from '../../engine/data/import.ts';
import { referencesOf, score } from '../../engine/service/scoring.ts';
import { openService } from '../../engine/service/service.ts';
import { configFor, fillHome, folderForFile, metricsOf } from './small-home.ts';

const home = folderForFile();
const asked = { 'what colour is it?': 'Dark red', 'how many are there?': 'three' };

beforeAll(async () => {
  await fillHome(home);
  using drawn = openDataset(home, 'small');
  for (const split of drawn.splits()) {
    const paths = drawn.images(split).map(({ path }) => path);
    const rows = paths.flatMap((path) =>
      Object.entries(asked).map(([question, answer]) => [path, question, answer] as const),
    );
    const all = rows.toArray();
    const lines = all.map(([path, question, answer]) => `${basename(path)},${question},${answer}\n`);
    const table = join(home, `${split}.csv`);
    writeFileSync(table, `image,question,answer\n${lines.join('')}`);
    await importDataset({ home, name: 'table', paths: [table], images: dirname(all[0]![0]) });
  }
});

test('one answer out of one is all of ten', () => {
  using dataset = openDataset(home, 'table');
  const references = referencesOf(dataset, 'test', 'vqa');
  const answers = references.map(({ question }) => asked[question as keyof typeof asked]);
  expect(score('vqa', references, answers).accuracy).toBe(100);
  expect(score('vqa', references, answers.with(0, 'red')).accuracy).toBe(93.75);
});

test('it trains, and its questions are scored', async () => {
  const service = openService({ home });
  const rates = { prompt: 0.3, lowRank: 0.05, projection: 0.005 };
  const config = configFor('vqa', { dataset: { name: 'table' }, steps: 16, learningRates: rates });
  const { run, folder } = await service.train(config);
  const losses = metricsOf(folder).flatMap(({ loss }) => loss ?? []);
  const sum = (part: readonly number[]): number => part.reduce((total, loss) => total + loss, 0);
  expect(sum(losses.slice(8))).toBeLessThan(0.9 * sum(losses.slice(0, 8)));
  const { examples, predictions } = await service.evaluate({ run, split: 'test', checkpoint: 'last' });
  expect(examples).toBe(16);
  const [first] = JSON.parse(readFileSync(predictions!, 'utf8'));
  expect(first).toEqual({ question_id: expect.anything(), answer: expect.any(String) });
});
