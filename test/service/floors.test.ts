/** Floors on hand-made cases: answers from the words of the question alone, captions of the nearest picture. */
import { expect, test } from 'vitest';
import { type Dataset, openDataset } from '../../engine/data/dataset.ts';
import { nearestCaptions, questionOnlyAnswers } from '../../engine/service/floors.ts';
import { referencesOf } from '../../engine/service/scoring.ts';
import { Workplace } from '../data/fixtures.ts';

async function datasetOf(train: string, test: string): Promise<Dataset> {
  const place = new Workplace();
  place.images('a.png', 'b.png', 'c.png', 'd.png');
  await place.import(place.write('train.csv', train));
  await place.import(place.write('test.csv', test));
  return openDataset(place.home, 'set');
}

test('a question gets the answer most given to its words, unknown words the answer most given at all', async () => {
  using dataset = await datasetOf(
    [
      'image,question,answer1,answer2,answer3',
      'a.png,which?,red,red,blue',
      'b.png,which?,blue,blue,blue',
      'c.png,how many?,two,two,three',
      'd.png,is it?,two,two,two',
    ].join('\n'),
    ['image,question,answer', 'a.png,how many?,one', 'b.png,why?,so', 'c.png,which?,red'].join('\n'),
  );
  const references = referencesOf(dataset, 'test', 'vqa');
  expect(questionOnlyAnswers(dataset, 'train', references)).toEqual(['two', 'two', 'blue']);
});

test('a picture gets the first caption of the picture whose tokens point its way, however long they are', async () => {
  using dataset = await datasetOf(
    ['image,caption', 'a.png,up', 'b.png,left', 'a.png,upwards'].join('\n'),
    ['image,caption', 'c.png,x', 'd.png,y'].join('\n'),
  );
  const tokens: Record<string, number[]> = {
    'train/a.png': [0, 1, 0],
    'train/b.png': [-90, -90, 0],
    'test/c.png': [-5, 7, 0],
    'test/d.png': [-0.2, -0.1, 0.1],
  };
  const read = (imageId: string, into: Float32Array, offset: number): void => into.set(tokens[imageId]!, offset);
  const references = referencesOf(dataset, 'test', 'caption');
  expect(nearestCaptions(dataset, 'train', references, read, 3)).toEqual(['up', 'left']);
});
