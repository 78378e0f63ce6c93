import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { openBrowser } from '../../engine/data/dataset-browser.ts';
import { Workplace } from './fixtures.ts';

const easyVqa = resolve('../shared/data/easy-vqa');

describe.skipIf(!existsSync(easyVqa))('easy-VQA (needs ../shared)', () => {
  test('both splits come in whole', { timeout: 60_000 }, async () => {
    const place = new Workplace();
    const report = await place.import(easyVqa);
    expect(report.refused.total).toBe(0);
    expect(report.ignored).toEqual([]);
    expect(report.dataset.splits).toEqual({
      train: { images: 4000, captions: 0, questions: 38575, answered: 38575 },
      test: { images: 1000, captions: 0, questions: 9673, answered: 9673 },
    });
    using dataset = openDataset(place.home, 'set');
    expect([...dataset.questions('train')]).toHaveLength(38575);
    expect(dataset.questionAt('test', 0)).toEqual({
      id: '1',
      imageId: 'test/0',
      question: 'what is the red shape?',
      answers: Array(10).fill('triangle'),
      questionType: 'what is',
      answerType: 'other',
    });
    expect(dataset.image('test/0')).toMatchObject({
      path: resolve(easyVqa, 'test/images/0.png'),
      width: 64,
      height: 64,
    });
    using browser = await openBrowser(place.home, 'set');
    expect(browser.answers({ split: 'train', limit: 1 })).toMatchObject({ total: 385_750, distinct: 13 });
    expect((await browser.browse({ split: 'test', text: 'red circle', limit: 5 })).images).toHaveLength(5);
  });
});
