/** Files of `dept score`, changed: scores of what fits together, or a refusal that names the file. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { scoreCaptions } from '../../engine/metrics/captions.ts';
import { readCaptionFiles, readVocabulary, readVqaFiles } from '../../engine/metrics/official-files.ts';
import { scoreVqa } from '../../engine/metrics/vqa-accuracy.ts';
import { answers } from '../data/fixtures.ts';
import { damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
/** One of the files is changed, the others are whole. */
const oneOf = (files: Readonly<Record<string, unknown>>) =>
  fc
    .constantFrom(...Object.keys(files))
    .chain((name) =>
      damagedJson([files[name]]).map((changed) =>
        Object.fromEntries(
          Object.entries(files).map(([own, value]) => [
            own,
            own === name ? changed : Buffer.from(JSON.stringify(value)),
          ]),
        ),
      ),
    );
const write = (files: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, scratch.write(`${name}.json`, bytes)]));

const captions = {
  references: {
    images: [{ id: 1 }, { id: 2 }],
    annotations: [
      { image_id: 1, caption: 'a cat sits' },
      { image_id: 1, caption: 'the cat' },
      { image_id: 2, caption: 'a dog' },
    ],
  },
  predictions: [
    { image_id: 1, caption: 'a cat' },
    { image_id: 2, caption: 'one dog' },
  ],
};

hunt('captions', {
  runs: 60,
  inputs: oneOf(captions),
  read: (files) => {
    const { items, withoutPrediction } = readCaptionFiles(write(files) as { references: string; predictions: string });
    expect(withoutPrediction).toBeGreaterThanOrEqual(0);
    expect(scoreCaptions(items).perItem).toHaveLength(items.length);
  },
});

const vqa = {
  questions: { questions: [{ question_id: 1 }, { question_id: '2' }] },
  annotations: {
    annotations: [
      {
        question_id: 1,
        answers: answers(...Array<string>(10).fill('red')),
        answer_type: 'other',
        question_type: 'what',
      },
      { question_id: 2, answers: answers('yes', 'no') },
    ],
  },
  predictions: [
    { question_id: 1, answer: 'red' },
    { question_id: 2, answer: 'yes' },
  ],
};

hunt('answers', {
  runs: 200,
  inputs: oneOf(vqa),
  read: (files) => {
    const items = readVqaFiles(write(files) as { questions: string; annotations: string; predictions: string });
    const { accuracy } = scoreVqa(items, 'vl-t5');
    if (items.length > 0) expect(accuracy).toBeGreaterThanOrEqual(0);
  },
});

hunt('a vocabulary', {
  runs: 60,
  inputs: damagedJson([['red', 'blue']]),
  read: (text) => {
    for (const answer of readVocabulary(scratch.write('vocabulary.json', text))) expect(answer).toBeTypeOf('string');
  },
});
