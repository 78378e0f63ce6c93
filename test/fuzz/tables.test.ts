/** Dataset files of every format, damaged: every record that is whole comes in, the others are refused by name. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { importDataset } from '../../engine/data/import.ts';
import { JsonArrayScanner, ROOT_ARRAY } from '../../engine/data/json-stream.ts';
import { previewSources } from '../../engine/data/preview.ts';
import type { Refusal } from '../../engine/data/refusals.ts';
import type { Format } from '../../engine/data/source.ts';
import { answers, pixel } from '../data/fixtures.ts';
import { damaged, damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const home = join(scratch.path, 'home');
beforeAll(() => {
  for (const name of ['1.png', '2.png', 'a.png', 'deep/b.png']) scratch.write(`images/${name}`, pixel);
});

function checkRefusal({ item, reason }: Refusal): void {
  for (const text of [item, reason]) {
    expect(text).not.toBe('');
    expect(text.length).toBeLessThan(2000);
  }
}

/** As an import takes it: looked at first, then taken, then read back whole. */
async function take(format: Format, ...files: string[]): Promise<void> {
  const source = { format, files, split: 'train' };
  const preview = await previewSources([source], { items: 5, images: join(scratch.path, 'images') });
  preview.refused.examples.forEach(checkRefusal);
  rmSync(home, { recursive: true, force: true });
  const options = { home, name: 'set', paths: files, format, images: join(scratch.path, 'images') };
  const { dataset, refused } = await importDataset(options);
  refused.examples.forEach(checkRefusal);
  using opened = openDataset(home, 'set');
  for (const split of opened.splits()) {
    const counts = dataset.splits[split]!;
    const questions = [...opened.questions(split)];
    expect(questions).toHaveLength(counts.questions);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(counts.questions);
    expect([...opened.captions(split)]).toHaveLength(counts.captions);
    const images = [...opened.images(split)];
    expect(new Set(images.map(({ id }) => id)).size).toBe(counts.images);
    for (const { path } of images) expect(path.startsWith(join(scratch.path, 'images'))).toBe(true);
  }
}

const coco = {
  info: {},
  images: [
    { id: 1, file_name: '1.png', width: 3, height: 2 },
    { id: 2, file_name: '2.png' },
  ],
  annotations: [
    { id: 10, image_id: 1, caption: 'a cat' },
    { id: 11, image_id: 2, caption: 'a dog' },
  ],
};
const karpathy = {
  images: [
    { filename: '1.png', filepath: '.', cocoid: 1, split: 'train', sentences: [{ raw: 'one', sentid: 1 }] },
    { filename: '2.png', imgid: 2, split: 'restval', sentences: [{ raw: 'two' }, { raw: 'zwei' }] },
    { filename: 'a.png', split: 'val', sentences: [] },
  ],
};
const questions = {
  questions: [
    { question_id: 1, image_id: 1, question: 'what?' },
    { question_id: 2, image_id: 2, question: 'why?' },
  ],
};
const annotations = {
  annotations: [
    { question_id: 1, answers: answers('red', 'red'), question_type: 'what', answer_type: 'other' },
    { question_id: 2, answers: answers('yes') },
  ],
};
const vlt5 = [
  { question_id: 1, img_id: '1', sent: 'what?', answers: answers('red'), label: { red: 1 } },
  { question_id: 2, img_id: 'COCO_val2014_000000000002', sent: 'why?', answers: answers('yes') },
];
const rows = [
  { image: 'a.png', caption: 'one', split: 'train', id: 'x' },
  {
    image_id: 1,
    file_name: 'deep/b',
    question: 'what?',
    answers: ['red', { answer: 'blue' }, 3],
    answer_type: 'other',
  },
  { file_name: '2.png', text: 'two', captions: ['three', ['four']] },
];
const csv =
  'image,caption,question,answer,answer2,split,id\na.png,"one, two",,,,train,1\r\n1.png,,what?,red,"[""a""]",val,2\n';

describe('an import of', () => {
  const json = (format: Format, value: unknown): void =>
    hunt(format, {
      runs: 25,
      inputs: damagedJson([value]),
      read: (text) => take(format, scratch.write(`${format}.json`, text)),
    });
  json('coco-captions', coco);
  json('karpathy', karpathy);
  json('vlt5-vqa', vlt5);
  hunt('vqa-v2', {
    runs: 25,
    inputs: fc.tuple(damagedJson([questions]), damagedJson([annotations])),
    read: ([asked, annotated]) =>
      take('vqa-v2', scratch.write('questions.json', asked), scratch.write('annotations.json', annotated)),
  });
  const lines = rows.map((row) => damagedJson([row]));
  hunt('jsonl', {
    runs: 25,
    inputs: fc.tuple(...lines).map((texts) => Buffer.concat(texts.flatMap((text) => [text, Buffer.from('\n')]))),
    read: (text) => take('jsonl', scratch.write('rows.jsonl', text)),
  });
  hunt('csv', {
    runs: 40,
    inputs: damaged([Buffer.from(csv), Buffer.from(csv.replaceAll(',', '\t'))]),
    read: (text) => take('csv', scratch.write('rows.csv', text)),
  });
});

describe('a stream of JSON', () => {
  const scan = (blocks: readonly Buffer[], arrays: readonly string[]): unknown[] => {
    const scanner = new JsonArrayScanner(arrays, 'some.json');
    const values = blocks.flatMap((block) => scanner.push(block)).map(({ value }) => value);
    scanner.end();
    return values;
  };
  const outcome = (action: () => unknown): unknown => {
    try {
      return action();
    } catch (error) {
      return String(error);
    }
  };
  hunt('is read the same in blocks of any size', {
    runs: 200,
    inputs: fc.tuple(damagedJson([coco, questions, rows]), fc.array(fc.nat(), { maxLength: 20 })),
    read: ([bytes, cuts]) => {
      const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const blocks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
      const arrays = ['images', 'annotations', 'questions', ROOT_ARRAY];
      const whole = outcome(() => scan([bytes], arrays));
      if (blocks[0]!.length >= 3 || bytes[0] !== 0xef) expect(outcome(() => scan(blocks, arrays))).toEqual(whole);
      scan([bytes], arrays);
    },
  });
});
