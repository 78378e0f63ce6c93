/** The training config: published defaults, checks that name the field, settings laid over it. */
import { describe, expect, test } from 'vitest';
import { configFields } from '../../engine/contract/config-fields.ts';
import { applySettings, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presets } from '../../engine/contract/presets.ts';
import { refusal } from '../common/refusal.ts';

const least = { task: 'vqa', dataset: { name: 'd' }, vision: { model: 'clip' }, language: { model: 't5' } };

describe('defaults', () => {
  test('follow the code behind the published numbers', () => {
    const config = parseTrainConfig(least);
    expect(config.method).toEqual({
      name: 'dept',
      promptLength: 20,
      promptInit: 'text',
      initText: 'Classify this text is postive or not:',
      rank: 77,
      alpha: 8,
      lowRankInit: 'uniform',
    });
    expect(config.learningRates.prompt).toBe(0.3);
    expect(config.optimiser).toEqual({
      name: 'adamw',
      betas: [0.9, 0.999],
      epsilon: 1e-6,
      epsilonPlacement: 'uncorrected',
      weightDecay: 0,
    });
    expect(config.schedule).toEqual({ name: 'linear', warmupSteps: 500, timescale: null });
    expect(config).toMatchObject({ batchSize: 32, clipNorm: 1, dropout: 0.1, seed: 42, maxTextLength: 20 });
  });

  test('depend on the task where VL-T5 does', () => {
    expect(parseTrainConfig(least)).toMatchObject({ targetLength: 10, evaluation: { metric: 'accuracy', beams: 1 } });
    expect(parseTrainConfig({ ...least, task: 'caption' })).toMatchObject({
      targetLength: 40,
      evaluation: { metric: 'CIDEr', beams: 5, maxLength: 20 },
    });
  });

  test.each([
    { method: { name: 'prompt-tuning' } },
    { optimiser: { name: 'adafactor', scaleParameter: true }, schedule: { name: 'relative-step' } },
  ])('a parsed config parses to itself: %j', (given) => {
    const config = parseTrainConfig({ ...least, ...given });
    expect(parseTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test.each([
    [{ name: 'adam' }, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0 }],
    [{ name: 'sgd' }, { momentum: 0.9, nesterov: false, weightDecay: 0 }],
    [
      { name: 'adafactor' },
      {
        epsilons: [1e-30, 1e-3],
        clipThreshold: 1,
        decayRate: -0.8,
        beta1: null,
        weightDecay: 1e-5,
        scaleParameter: false,
      },
    ],
  ])('of the optimiser %j', (given, settings) => {
    expect(parseTrainConfig({ ...least, optimiser: given }).optimiser).toEqual({ ...given, ...settings });
  });

  test('of the relative step: a rate by itself, and a warm-up only if given; rates that are given are multiples of it', () => {
    const given = { ...least, schedule: { name: 'relative-step' } };
    const { schedule, learningRates } = parseTrainConfig(given);
    expect(schedule).toEqual({ name: 'relative-step', warmupSteps: 0, timescale: null });
    expect(learningRates).toEqual({ prompt: 1, lowRank: 1, projection: 1 });
    expect(parseTrainConfig({ ...given, learningRates: { lowRank: 0.1 } }).learningRates).toEqual({
      prompt: 1,
      lowRank: 0.1,
      projection: 1,
    });
    const warm = { ...given, steps: 2000, schedule: { name: 'relative-step', warmupSteps: 10_000 } };
    expect(parseTrainConfig(warm).schedule.warmupSteps).toBe(10_000);
  });
});

describe('a wrong config', () => {
  test.each([
    [{ ...least, task: 'vqq' }, 'task', '"task" has a wrong value', 'vqa | caption', '"vqq"'],
    [{ ...least, dataset: {} }, 'dataset.name', '"dataset.name" is missing', 'text', undefined],
    [{ ...least, dataset: 'x' }, 'dataset', '"dataset" has a wrong value', 'a group of settings', '"x"'],
    [{ ...least, steps: 0.5 }, 'steps', '"steps" has a wrong value', 'whole number >= 1', '0.5'],
    [{ ...least, dropout: 1 }, 'dropout', '"dropout" has a wrong value', 'number >= 0, < 1', '1'],
    [
      { ...least, evaluation: { maxLength: 1 } },
      'evaluation.maxLength',
      '"evaluation.maxLength" has a wrong value',
      'whole number >= 2',
      '1',
    ],
    [
      { ...least, evaluation: { earlyStopping: 'always' } },
      'evaluation.earlyStopping',
      '"evaluation.earlyStopping" has a wrong value',
      'boolean or never or null',
      '"always"',
    ],
    [
      { ...least, evaluation: { lengthPenalty: 'long' } },
      'evaluation.lengthPenalty',
      '"evaluation.lengthPenalty" has a wrong value',
      'number or null',
      '"long"',
    ],
    [{ ...least, method: { alpha: 0 } }, 'method.alpha', '"method.alpha" has a wrong value', 'number > 0 or null', '0'],
    [
      { ...least, method: { name: 'lora' } },
      'method.name',
      '"method.name" has a wrong value',
      'dept | prompt-tuning',
      '"lora"',
    ],
    [
      { ...least, optimiser: { name: 'lion' } },
      'optimiser.name',
      '"optimiser.name" has a wrong value',
      'adamw | adam | adafactor | sgd',
      '"lion"',
    ],
    [
      { ...least, optimiser: { name: 'adafactor', decayRate: 0.8 } },
      'optimiser.decayRate',
      '"optimiser.decayRate" has a wrong value',
      'number < 0',
      '0.8',
    ],
    [
      { ...least, vision: { model: 'clip', layer: 'first' } },
      'vision.layer',
      '"vision.layer" has a wrong value',
      'last or whole number >= 1',
      '"first"',
    ],
  ])('%j', (input, path, message, expected, got) => {
    const error = refusal(() => parseTrainConfig(input));
    expect(error.code).toBe('bad-config');
    expect(error.message).toBe(message);
    expect(error.details).toMatchObject({ path, expected });
    expect(error.details.got).toBe(got);
  });

  test('an unknown key is named with the nearest known one', () => {
    const error = refusal(() => parseTrainConfig({ ...least, learningRates: { promt: 1 } }));
    expect(error.details).toEqual({ path: 'learningRates.promt', remedy: 'did you mean learningRates.prompt?' });
  });

  test.each([
    ['beams=1', 'did you mean evaluation.beams?'],
    ['learningRate.prompt=1', 'did you mean learningRates.prompt?'],
    ['lerningRates.quux=1', 'did you mean learningRates?'],
  ])('%s: %s', (setting, remedy) => {
    expect(refusal(() => applySettings({}, [setting])).details.remedy).toBe(remedy);
  });

  test('an unknown key near nothing gets the list of what is known there', () => {
    const error = refusal(() => parseTrainConfig({ ...least, schedule: { quux: 1 } }));
    expect(error.details.remedy).toBe('known in schedule: name, warmupSteps, timescale');
  });

  test('a field of another method is unknown, and not suggested', () => {
    const error = refusal(() => parseTrainConfig({ ...least, method: { name: 'prompt-tuning', rank: 3 } }));
    expect(error.details.remedy).toBe('known in method: name, promptLength, promptInit, initText');
  });

  test('so is one of another optimiser', () => {
    const error = refusal(() => parseTrainConfig({ ...least, optimiser: { name: 'sgd', betas: [0.9, 0.98] } }));
    expect(error.details.path).toBe('optimiser.betas');
    expect(error.details.remedy).toBe('known in optimiser: name, momentum, nesterov, weightDecay');
  });

  test.each([
    [{ schedule: { timescale: 100 } }, 'schedule.timescale'],
    [{ optimiser: { name: 'sgd', nesterov: true, momentum: 0 } }, 'optimiser.nesterov'],
  ])('what would be ignored is refused: %j', (given, path) => {
    expect(refusal(() => parseTrainConfig({ ...least, ...given })).details.path).toBe(path);
  });

  test('a minimum length above the maximum', () => {
    const error = refusal(() => parseTrainConfig({ ...least, evaluation: { minLength: 21 } }));
    expect(error.details.path).toBe('evaluation.minLength');
    expect(error.message).toBe('The minimum length cannot be above the maximum length, here 20');
  });

  test('the metric must fit the task, and warm-up the steps', () => {
    const error = refusal(() => parseTrainConfig({ ...least, steps: 100, evaluation: { metric: 'CIDEr' } }));
    expect(error.message).toBe(
      [
        '2 problems in the training config:',
        '  - The metric must fit the task: vqa has accuracy',
        '  - Warm-up must end before training does: steps is 100',
      ].join('\n'),
    );
  });

  test('DePT needs a prompt or an update', () => {
    const nothing = { ...least, method: { promptLength: 0, rank: 0 } };
    expect(refusal(() => parseTrainConfig(nothing)).message).toBe(
      'DePT needs a soft prompt, a low-rank update, or both',
    );
    expect(parseTrainConfig({ ...least, method: { promptLength: 0 } }).method.promptLength).toBe(0);
    expect(parseTrainConfig({ ...least, method: { rank: 0 } }).method).toMatchObject({ promptLength: 20, rank: 0 });
  });

  test('is told from no config at all', () => {
    expect(refusal(() => parseTrainConfig([1])).details.got).toBe('[1]');
  });
});

describe('settings', () => {
  test.each([
    ['startFrom=cola', 'cola'],
    ['startFrom=12', '12'],
    ['startFrom=null', null],
  ])('%s: text, or nothing', (setting, expected) => {
    expect(parseTrainConfig(applySettings(least, [setting])).startFrom).toBe(expected);
  });

  test('are laid over the config, later ones over earlier ones', () => {
    const settings = ['learningRates.prompt=0.4', 'method.alpha=null', 'steps=2000', 'steps=3000', 'dataset.name=2014'];
    const config = parseTrainConfig(applySettings(least, settings));
    expect(config).toMatchObject({
      learningRates: { prompt: 0.4, lowRank: 5e-3 },
      method: { name: 'dept', alpha: null },
      steps: 3000,
      dataset: { name: '2014' },
    });
  });

  test('to another method drop the fields of the one before', () => {
    const before = { ...least, method: { name: 'dept', rank: 3, promptLength: 7 } };
    expect(applySettings(before, ['method.name=prompt-tuning']).method).toEqual({ name: 'prompt-tuning' });
    expect(applySettings(before, ['method.name=dept']).method).toEqual(before.method);
  });

  test('to another optimiser drop the settings of the one before, to another schedule none', () => {
    const before = { ...least, optimiser: { weightDecay: 0.1 }, schedule: { warmupSteps: 50 } };
    const after = applySettings(before, ['optimiser.name=sgd', 'schedule.name=cosine', 'optimiser.momentum=0.5']);
    expect(after).toMatchObject({ schedule: { name: 'cosine', warmupSteps: 50 } });
    expect(after.optimiser).toEqual({ name: 'sgd', momentum: 0.5 });
    expect(applySettings(before, ['optimiser.name=adamw']).optimiser).toEqual({ name: 'adamw', weightDecay: 0.1 });
  });

  test('leave the given config as it is', () => {
    const before = structuredClone(least);
    applySettings(least, ['dataset.name=other']);
    expect(least).toEqual(before);
  });

  test('may hold "=" in their value, and set a whole group', () => {
    expect(applySettings({}, ['method.initText=a=b'])).toEqual({ method: { initText: 'a=b' } });
    expect(applySettings({}, ['optimiser={"betas":[0.9,0.98]}'])).toEqual({ optimiser: { betas: [0.9, 0.98] } });
  });

  test.each([
    ['steps', 'A setting has no value', { expected: 'path=value', got: 'steps' }],
    ['=3', 'A setting has no value', { expected: 'path=value', got: '=3' }],
    ['stpes=3', 'Unknown setting "stpes"', { path: 'stpes', remedy: 'did you mean steps?' }],
  ])('%s is refused', (setting, message, details) => {
    const error = refusal(() => applySettings({}, [setting]));
    expect(error.code).toBe('bad-config');
    expect(error.message).toBe(message);
    expect(error.details).toEqual(details);
  });
});

test('every field has a help text', () => {
  expect(configFields().length).toBeGreaterThan(40);
  for (const field of configFields()) expect(field.description, field.path).not.toBe('');
});

test.each(['vqa', 'caption'] as const)('the preset of the bundled models is a config for %s', (task) => {
  const config = parseTrainConfig({ ...presets.bundled(task), dataset: { name: 'd' } });
  expect(config).toMatchObject({ task, vision: { model: 'scenes-clip' }, language: { model: 'scenes-t5' } });
});
