import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readGenerationDefaults } from '../../engine/decoding/generation-config.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { modelFolder } from './reference-cases.ts';

const config = readT5Config(modelFolder('tiny'));
const folder = mkdtempSync(join(tmpdir(), 'dept-generation-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(join(folder, 'generation_config.json'), { force: true }));

const write = (name: string, file: object): void => writeFileSync(join(folder, name), JSON.stringify(file));
function defaultsOf(file: object): object {
  write('generation_config.json', file);
  return readGenerationDefaults(folder, config);
}

test('a model as published says nothing that is not so anyway', () => {
  const published = { _from_model_config: true, decoder_start_token_id: 0, eos_token_id: 1, pad_token_id: 0 };
  expect(defaultsOf(published)).toEqual({});
  expect(readGenerationDefaults(modelFolder('tiny'), config)).toEqual({});
});

test('defaults that change what is generated', () => {
  const file = {
    ...{ max_length: 50, num_beams: 4, length_penalty: 2, early_stopping: 'never', min_length: 5, temperature: 0.5 },
    ...{ no_repeat_ngram_size: 3, repetition_penalty: 1.2, forced_bos_token_id: 7, forced_eos_token_id: [1] },
  };
  expect(defaultsOf(file)).toEqual({
    ...{ lengthPenalty: 2, earlyStopping: 'never', minLength: 4, noRepeatNgram: 3, repetitionPenalty: 1.2 },
    ...{ forcedBosId: 7, forcedEosId: 1 },
  });
  expect(defaultsOf({ min_length: 5, min_new_tokens: 6 })).toEqual({ minLength: 6 });
  expect(defaultsOf({ min_length: 1 })).toEqual({});
});

test("what is transformers' own default, or no value, is none", () => {
  const own = { length_penalty: 1, early_stopping: false, min_length: 0, no_repeat_ngram_size: 0 };
  expect(defaultsOf({ ...own, repetition_penalty: 1.0, forced_eos_token_id: null, suppress_tokens: [] })).toEqual({});
});

test('without generation_config.json, config.json says it', () => {
  write('config.json', { model_type: 't5', length_penalty: 2, task_specific_params: { x: { num_beams: 4 } } });
  expect(readGenerationDefaults(folder, config)).toEqual({ lengthPenalty: 2 });
  expect(defaultsOf({})).toEqual({});
});

describe('what is not available is refused', () => {
  test.each<[name: string, value: unknown]>([
    ['do_sample', true],
    ['num_beam_groups', 2],
    ['bad_words_ids', [[5]]],
    ['suppress_tokens', [5]],
    ['begin_suppress_tokens', [5]],
    ['encoder_no_repeat_ngram_size', 2],
    ['renormalize_logits', true],
    ['stop_strings', '.'],
    ['eos_token_id', [1, 2]],
    ['eos_token_id', 2],
    ['decoder_start_token_id', 5],
  ])('%s %j', (name, value) => {
    const refused = { code: 'unsupported', message: expect.stringContaining(`not available here: ${name}`) };
    expect(() => defaultsOf({ [name]: value })).toThrow(expect.objectContaining(refused));
  });

  test.each([{ min_length: -1 }, { early_stopping: 'always' }, { forced_eos_token_id: [1, 2] }])('%j', (file) => {
    expect(() => defaultsOf(file)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  });
});
