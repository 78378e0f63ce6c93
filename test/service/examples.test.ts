/** Training examples: which answer is drawn how often, what is left out, and what depends on epoch and seed. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../engine/common/random.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import {
  type AnswerRule,
  answerVocabulary,
  drawAnswer,
  exampleSource,
  tenAnswers,
} from '../../engine/service/examples.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { Workplace } from '../data/fixtures.ts';

const answers = [...Array(5).fill('red'), ...Array(3).fill('pink'), ...Array(2).fill('crimson')] as string[];

/** How often each answer is drawn, as a share, with the score it comes with. */
function shares(rule: AnswerRule): Record<string, [share: number, score: number]> {
  const draws = 20_000;
  const random = new Random('draws');
  const counts: Record<string, [number, number]> = {};
  for (let i = 0; i < draws; i += 1) {
    const { answer, score } = drawAnswer(answers, rule, random);
    counts[answer] = [(counts[answer]?.[0] ?? 0) + 1 / draws, score];
  }
  return counts;
}

const about = (share: number, score: number) => [expect.closeTo(share, 2), score];

describe('the answer of a step', () => {
  test('is drawn by its soft score', () => {
    // 5, 3 and 2 of ten people: 1, 0.9 and 0.6
    expect(shares({ sampling: 'soft' })).toEqual({
      red: about(1 / 2.5, 1),
      pink: about(0.9 / 2.5, 0.9),
      crimson: about(0.6 / 2.5, 0.6),
    });
  });

  test('is one that the vocabulary has', () => {
    const rule = { sampling: 'soft', vocabulary: new Set(['pink', 'crimson', 'blue']) } as const;
    expect(shares(rule)).toEqual({ pink: about(0.6, 0.9), crimson: about(0.4, 0.6) });
  });

  test('is any of the raw ones, where asked for', () => {
    const rule = { sampling: 'raw' } as const;
    expect(shares(rule)).toEqual({ red: about(0.5, 1), pink: about(0.3, 1), crimson: about(0.2, 1) });
  });

  test('is nothing, with nothing to learn, where there is none', () => {
    const nothing = { answer: '', score: 0 };
    const random = new Random(1);
    expect(drawAnswer([], { sampling: 'raw' }, random)).toEqual(nothing);
    expect(drawAnswer([], { sampling: 'soft' }, random)).toEqual(nothing);
    expect(drawAnswer(answers, { sampling: 'soft', vocabulary: new Set(['blue']) }, random)).toEqual(nothing);
  });
});

test('fewer than ten answers stand for ten', () => {
  expect(tenAnswers(['red'])).toEqual(Array(10).fill('red'));
  expect(tenAnswers(['red', 'pink', 'blue']).join(' ')).toBe('red pink blue red pink blue red pink blue red');
  expect(tenAnswers(answers)).toBe(answers);
  expect(tenAnswers([])).toEqual([]);
  expect(drawAnswer(['red'], { sampling: 'soft' }, new Random(1))).toEqual({ answer: 'red', score: 1 });
});

test('the vocabulary holds the most common answers of enough questions, normalised', () => {
  const question = (...texts: string[]) => ({ id: 'q', imageId: 'train/a', question: 'what?', answers: texts });
  const questions = [
    question('a dog', 'cat', 'a dog'),
    question('dog', 'cat', 'fox'),
    question('cat', 'fox', 'fox'),
    question(),
  ];
  expect(answerVocabulary(questions, 2)).toEqual(new Set(['dog']));
  expect(answerVocabulary(questions, 1)).toBeUndefined();
});

describe('a source of examples', () => {
  const config = {
    task: 'vqa',
    maxTextLength: 8,
    targetLength: 4,
    answerSampling: 'soft',
    answerMinimum: 1,
    seed: 5,
  } as const;
  const tokenizer = loadTokenizer(join(bundledModelsFolder(), 'scenes-t5'));

  async function source(changes: object, limit: number | null = null) {
    const place = new Workplace();
    place.images('a.png', 'b.png');
    const table = place.write(
      'set.csv',
      [
        'image,question,answer1,answer2,caption',
        'a.png,what colour is the large ring on the left of it?,red,blue,',
        'b.png,what is it?,blue,red,',
        'b.png,,,, a red ring ',
      ].join('\n'),
    );
    await place.import(table, { split: 'train' });
    const dataset = openDataset(place.home, 'set');
    return exampleSource(dataset, 'train', tokenizer, { ...config, ...changes }, limit);
  }

  test('gives texts and targets of at most their length, ended', async () => {
    const questions = await source({});
    expect([questions.count, [...questions.lengths]]).toEqual([2, [48, 11]]);
    const { text, imageId } = questions.at(0, 0);
    expect(text).toEqual([...tokenizer.encode('vqa: what colour is the large ring on the left').slice(0, 7), 1]);
    expect(imageId).toBe('train/a.png');
    const captions = await source({ task: 'caption', targetLength: 3 });
    expect(captions.at(0, 0)).toEqual({
      imageId: 'train/b.png',
      text: tokenizer.encode('caption:'),
      target: { ids: [...tokenizer.encode('a red').slice(0, 2), 1], score: 1 },
    });
  });

  test('draws an answer anew in every epoch, from the seed', async () => {
    const [one, same, other] = [await source({}), await source({}), await source({ seed: 6 })];
    const drawn = (from: typeof one) => Array.from({ length: 40 }, (_, epoch) => from.at(1, epoch).target.ids.join());
    expect(new Set(drawn(one)).size).toBe(2);
    expect(drawn(same)).toEqual(drawn(one));
    expect(drawn(other)).not.toEqual(drawn(one));
  });

  test('keeps the first ones where limited, and refuses to have none', async () => {
    const { count, lengths } = await source({}, 1);
    expect([count, lengths.length]).toEqual([1, 1]);
    const place = new Workplace();
    place.images('a.png');
    await place.import(place.write('set.csv', 'image,caption\na.png,a ring\n'), { split: 'train' });
    using dataset = openDataset(place.home, 'set');
    expect(() => exampleSource(dataset, 'train', tokenizer, config)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: "The split 'train' of 'set' has no questions" }),
    );
  });
});
