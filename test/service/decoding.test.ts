import { expect, test } from 'vitest';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { generateOptions } from '../../engine/service/decoding.ts';
import { configFor } from './small-home.ts';

const open = {
  minLength: null,
  lengthPenalty: null,
  earlyStopping: null,
  noRepeatNgram: null,
  repetitionPenalty: null,
};

test('what the config leaves open is as the model says', () => {
  const { evaluation } = configFor('caption');
  expect(evaluation).toMatchObject(open);
  expect(generateOptions(evaluation, {})).toEqual({ beams: 2, maxLength: 11 });
  const defaults = { minLength: 3, lengthPenalty: 2, earlyStopping: true, noRepeatNgram: 3, forcedEosId: 1 };
  expect(generateOptions(evaluation, defaults)).toEqual({ beams: 2, maxLength: 11, ...defaults });
});

test('what the config says counts for more, the start token counted', () => {
  const own = {
    minLength: 5,
    lengthPenalty: 0,
    earlyStopping: false,
    noRepeatNgram: 0,
    repetitionPenalty: 1.2,
  } as const;
  const { evaluation } = parseTrainConfig({ ...configFor('caption'), evaluation: { ...own, maxLength: 16, beams: 3 } });
  const defaults = { minLength: 3, lengthPenalty: 2, earlyStopping: true, noRepeatNgram: 3, repetitionPenalty: 2 };
  expect(generateOptions(evaluation, defaults)).toEqual({ ...own, beams: 3, maxLength: 15, minLength: 4 });
  expect(generateOptions({ ...evaluation, minLength: 0 }, defaults).minLength).toBe(0);
});
