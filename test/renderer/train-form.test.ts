/** The form of a run: every setting in one section, what the library can give, what an address or a file asks for. */
import { describe, expect, test } from 'vitest';
import type { AdapterInfo } from '../../engine/contract/adapters.ts';
import { configFields } from '../../engine/contract/config-fields.ts';
import type { DatasetSummary } from '../../engine/contract/datasets.ts';
import type { Model } from '../../engine/contract/models.ts';
import type { RunSummary } from '../../engine/contract/runs.ts';
import { sameSetting, settingAt, usualSettings, withSetting } from '../../renderer/lib/config-defaults.ts';
import {
  chosenNames,
  fieldsBySection,
  formSections,
  labelOf,
  matches,
} from '../../renderer/views/train/form-sections.ts';
import { readConfig } from '../../renderer/views/train/read-config.ts';
import {
  fittingSplits,
  libraryOptions,
  libraryProblems,
  onlyChoices,
  withDataset,
} from '../../renderer/views/train/train-library.ts';
import { refusal } from '../common/refusal.ts';

describe('sections', () => {
  test('every setting of every method and optimiser stands in exactly one section, but the task, which has its own place', () => {
    const shown = ['dept', 'prompt-tuning'].flatMap((method) =>
      ['adamw', 'adam', 'adafactor', 'sgd'].flatMap((optimiser) => {
        const paths = fieldsBySection({ method, optimiser })
          .flat()
          .map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        return paths;
      }),
    );
    const all = new Set(configFields().map(({ path }) => path));
    expect(new Set([...shown, 'task'])).toEqual(all);
  });

  test('a setting that a section names itself is not in the section of its group', () => {
    const sections = fieldsBySection(chosenNames({}));
    const place = (path: string) =>
      formSections[sections.findIndex((some) => some.some((field) => field.path === path))];
    expect(place('method.rank')?.title).toBe('Method');
    expect(place('method.alpha')?.essential).toBe(false);
    expect(sections[0]!.map(({ path }) => path)).toEqual(['dataset.name', 'vision.model', 'language.model']);
  });

  test('names of variants are one choice', () => {
    const [optimiser] = fieldsBySection(chosenNames({ optimiser: { name: 'sgd' } }))
      .flat()
      .filter(({ path }) => path === 'optimiser.name');
    expect(optimiser?.input).toEqual({ kind: 'choice', values: ['adamw', 'adam', 'adafactor', 'sgd'] });
    expect(optimiser?.description).toMatch(/momentum/);
  });

  test('labels are words, and a search finds paths, labels and help', () => {
    expect(labelOf('optimiser.epsilonPlacement')).toBe('Epsilon placement');
    const fields = fieldsBySection(chosenNames({})).flat();
    const found = (text: string) => fields.filter((field) => matches(field, text)).map(({ path }) => path);
    expect(found('LINEAR growth')).toContain('schedule.warmupSteps');
    expect(found('learningRates.low')).toEqual(['learningRates.lowRank']);
    expect(found('nothing of the kind')).toEqual([]);
  });
});

describe('settings', () => {
  test('one is changed without the others, and taken out with what it leaves empty', () => {
    const config = { steps: 10, method: { name: 'dept', rank: 4 } };
    expect(withSetting(config, 'method.rank', 8)).toEqual({ steps: 10, method: { name: 'dept', rank: 8 } });
    expect(withSetting(config, 'vision.model', 'clip')).toEqual({ ...config, vision: { model: 'clip' } });
    expect(withSetting({ method: { rank: 4 } }, 'method.rank', undefined)).toEqual({});
    expect(config.method.rank).toBe(4);
    expect(settingAt(config, 'method.rank.deeper')).toBeUndefined();
  });

  test('usual values follow task, method and schedule', () => {
    expect(usualSettings({ task: 'caption' }).get('evaluation.beams')).toBe(5);
    expect(usualSettings({ method: { name: 'prompt-tuning' } }).get('method.promptLength')).toBe(100);
    expect(usualSettings({ schedule: { name: 'relative-step' } }).get('schedule.warmupSteps')).toBe(0);
    expect(usualSettings({ method: { name: 'of another age' } }).size).toBe(0);
    expect(sameSetting(usualSettings({}).get('optimiser.betas'), [0.9, 0.999])).toBe(true);
  });
});

describe('library', () => {
  const dataset = (name: string, questions: number, captions: number): DatasetSummary => ({
    name,
    tasks: [...(questions > 0 ? (['vqa'] as const) : []), ...(captions > 0 ? (['caption'] as const) : [])],
    splits: [{ name: 'train', images: 5, captions, questions, answered: questions }],
    images: 5,
    captions,
    questions,
    sources: [],
    imported: '2026-11-24T03:00:00.000Z',
    isSample: name === 'scenes',
    indexBytes: 0,
  });
  const model = (name: string, kind: 'clip' | 't5'): Model => ({
    name,
    kind,
    folder: '',
    parameters: 1000,
    dtype: 'F32',
    size: 0,
    files: [],
    bundled: false,
    purpose: '',
  });
  const library = {
    datasets: [dataset('asked', 9, 0), dataset('scenes', 9, 9), dataset('told', 0, 9)],
    models: [model('c1', 'clip'), model('c2', 'clip'), model('t', 't5')],
  };

  test('datasets without the task cannot be chosen, what is not there is marked', () => {
    const options = libraryOptions({ vision: { model: 'gone' } }, 'vqa', library);
    expect(options['dataset.name']!.map(({ value, disabled }) => [value, disabled])).toEqual([
      ['', undefined],
      ['asked', false],
      ['scenes', false],
      ['told', true],
    ]);
    expect(options['vision.model']![0]!.label).toBe('gone (not there)');
    expect(options['dataset.trainSplit']).toBeUndefined();
  });

  test('a run can start fresh, from an adapter, from a run that has a best checkpoint, or from what was written', () => {
    const adapters = [{ name: 'cola', promptLength: 80, rank: 15 } as AdapterInfo];
    const runs = [
      { id: 'r1', best: { step: 1200, metric: 'accuracy', value: 70 } } as RunSummary,
      { id: 'r2' } as RunSummary,
    ];
    const labels = (startFrom?: string) =>
      libraryOptions({ startFrom }, 'vqa', { ...library, adapters, runs }).startFrom!.map(({ value, label }) => [
        value,
        label,
      ]);
    const all = [
      ['', 'Fresh values'],
      ['cola', 'cola: m 80, r 15'],
      ['r1', 'r1: best at step 1,200'],
    ];
    expect(labels()).toEqual(all);
    expect(labels('r1@last')).toEqual([...all, ['r1@last', 'r1@last (as written)']]);
  });

  test('problems name what is missing, where it is chosen', () => {
    const config = { task: 'vqa', dataset: { name: 'told' }, vision: { model: 't' }, language: { model: 't' } };
    expect(libraryProblems(config, library)).toEqual([
      ['dataset.name', 'It has no questions'],
      ['vision.model', 't is not in the library; add it under Models'],
    ]);
    expect(libraryProblems({ task: 'vqa', dataset: { name: 'asked' } }, library)).toEqual([
      ['dataset.validationSplit', 'asked has no split val'],
    ]);
    expect(libraryProblems({}, library)).toEqual([]);
  });

  test('the only thing that fits is taken, and the sample among several datasets; never over a choice', () => {
    expect(onlyChoices({}, 'vqa', library)).toEqual([
      ['dataset.name', 'scenes'],
      ['language.model', 't'],
    ]);
    expect(onlyChoices({ dataset: { name: 'asked' }, language: { model: 'x' } }, 'vqa', library)).toEqual([]);
  });
});

describe('splits of a dataset', () => {
  const split = (name: string, answered = 5, captions = 0) => ({ name, images: 5, captions, questions: 5, answered });
  const library = (...splits: ReturnType<typeof split>[]) =>
    ({ datasets: [{ name: 'mine', tasks: ['vqa'], splits }], models: [] }) as unknown as Parameters<
      typeof fittingSplits
    >[2];
  const mine = { dataset: { name: 'mine' } };

  test('another dataset takes away the splits that were chosen of the one before; the same one leaves them', () => {
    const config = { steps: 9, dataset: { name: 'mine', trainSplit: 'a', validationSplit: 'b', trainLimit: 3 } };
    expect(withDataset(config, 'other')).toEqual({ steps: 9, dataset: { name: 'other', trainLimit: 3 } });
    expect(withDataset(config, 'mine')).toEqual(config);
  });

  test.each([
    ['the usual ones', [split('train'), split('val')], []],
    ['another name for it', [split('train'), split('test'), split('dev')], [['dataset.validationSplit', 'dev']]],
    ['the one that is left', [split('train'), split('held-out')], [['dataset.validationSplit', 'held-out']]],
    [
      'only those with examples of the task',
      [split('train'), split('val', 0, 9)],
      [['dataset.validationSplit', 'train']],
    ],
    [
      'the only one',
      [split('all')],
      [
        ['dataset.trainSplit', 'all'],
        ['dataset.validationSplit', 'all'],
      ],
    ],
    [
      'two by names of its own',
      [split('a'), split('b')],
      [
        ['dataset.trainSplit', 'a'],
        ['dataset.validationSplit', 'b'],
      ],
    ],
    ['none', [split('train', 0)], []],
  ] as const)('%s', (_what, splits, taken) => {
    expect(fittingSplits(mine, 'vqa', library(...splits))).toEqual(taken);
  });

  test('what was chosen stays, and its problem stands', () => {
    const config = { dataset: { name: 'mine', validationSplit: 'gone' } };
    expect(fittingSplits(config, 'vqa', library(split('train'), split('test')))).toEqual([]);
    expect(libraryProblems({ ...config, task: 'vqa' }, library(split('train')))).toEqual([
      ['dataset.validationSplit', 'mine has no split gone'],
    ]);
  });

  test('a dataset that is not there asks for nothing', () => {
    expect(fittingSplits({ dataset: { name: 'gone' } }, 'vqa', library(split('train')))).toEqual([]);
  });
});

describe('JSON', () => {
  test('a config, or the record of a run that holds one', () => {
    expect(readConfig('{"steps": 5}')).toEqual({ steps: 5 });
    expect(readConfig('{"id": "r", "config": {"steps": 5}}')).toEqual({ steps: 5 });
  });

  test('values may be wrong, for the form to show; unknown settings and other texts may not', () => {
    expect(readConfig('{"steps": -1}')).toEqual({ steps: -1 });
    expect(() => readConfig('{"stepps": 5}')).toThrow('Unknown setting "stepps"');
    expect(() => readConfig('steps: 5')).toThrow('This is not JSON');
    expect(refusal(() => readConfig('{"a":'.repeat(1_000_000))).details.got).toMatch(/nested more than 100 times/);
    expect(() => readConfig('[1]')).toThrow('A training config is a JSON object');
  });
});
