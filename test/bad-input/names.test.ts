/** Every name of names.ts, given to every command that takes one: nothing outside of the home folder is read, made or removed. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkedParams } from '../../engine/contract/answering.ts';
import { engineCalls } from '../../engine/contract/api.ts';
import { bundledModelsFolder } from '../../engine/weights/bundled.ts';
import { promptConfig, promptTensors, writeAdapter } from '../adapters/small-adapters.ts';
import { dept } from '../cli/fake-host.ts';
import { refusal } from '../common/refusal.ts';
import { pixel } from '../data/fixtures.ts';
import { compared, put, unusedPaths } from './expected.ts';
import { badNames, finding, making, reading } from './names.ts';

const unused = unusedPaths();
const around = unused();
const home = join(around, 'home');
const folders: Readonly<Record<string, string>> = {
  '{model}': join(bundledModelsFolder(), 'scenes-t5'),
  '{pictures}': unused(),
  '{table}': put(join(unused(), 'table.csv'), () => 'image,caption\na.png,one\n'),
  '{adapter}': writeAdapter(unused(), promptConfig, promptTensors),
};

beforeAll(() => {
  put(join(folders['{pictures}']!, 'a.png'), () => pixel);
  // where the names would lead from the folders of the home
  for (const parent of [home, around])
    for (const name of ['run.json', 'config.json', 'dataset.json']) put(join(parent, 'outside', name), () => '{}');
  for (const kind of ['models', 'datasets', 'adapters', 'runs']) mkdirSync(join(home, kind));
});

const everything = () => readdirSync(around, { recursive: true }).sort();

test.each(reading)('$command with a path that is too long', async ({ command, ...expected }) => {
  const args = command.map((word) => folders[word] ?? word);
  const { exitCode, stdout } = await dept([...args, 'x'.repeat(5000), '--json'], { home });
  expect(exitCode).toBe(2);
  const { got, wanted } = compared(JSON.parse(stdout).error, expected);
  expect(got).toEqual(wanted);
});

test.each([
  ['models.add', { folder: 'a\0b' }],
  ['datasets.import', { name: 'x', paths: ['a\0b'] }],
  ['datasets.detect', { paths: ['a'], images: 'a\0b' }],
  ['export', { run: 'x', format: 'peft', output: 'a\0b' }],
])('%s with a path that has a zero', (call, params) => {
  expect(refusal(() => checkedParams(engineCalls, call, params))).toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('expected a path, which has no character of code zero'),
  });
});

describe.each([...making, ...finding])('$command', ({ command, ...expected }) => {
  test.each(Object.entries(badNames))('a name %s', async (_what, name) => {
    const before = everything();
    const args = command.map((word) => folders[word] ?? word);
    const { exitCode, stdout } = await dept([...args, name, '--json'], { home });
    expect(exitCode).toBe(2);
    const { error } = JSON.parse(stdout);
    const { got, wanted } = compared(error, expected);
    expect(got).toEqual(wanted);
    expect(stdout.length).toBeLessThan(10_000);
    expect(everything()).toEqual(before);
  });
});
