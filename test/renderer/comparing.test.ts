/** Runs compared: which ones, their colours, which way is better, all their settings. */
import { expect, test } from 'vitest';
import { allSettings, measureOf, RunColours, readRuns } from '../../renderer/views/compare/comparing.ts';

test('runs of the address, each once', () => {
  expect(readRuns('a,b,,a')).toEqual(['a', 'b']);
  expect(readRuns('')).toEqual([]);
});

test('a run keeps its colour as others come and go; a new one takes a free colour', () => {
  const colours = new RunColours();
  expect([...colours.of(['a', 'b', 'c'])]).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  expect([...colours.of(['c', 'd'])]).toEqual([
    ['c', 3],
    ['d', 1],
  ]);
  const many = Array.from({ length: 9 }, (_, place) => `run-${place}`);
  expect(new Set(new RunColours().of(many).values()).size).toBe(8);
});

test('scores are better high, loss is better low; steps, time and size are neither: they were chosen', () => {
  expect(measureOf('CIDEr').better).toBe('higher');
  expect(measureOf('loss').better).toBe('lower');
  expect(measureOf('seconds').better).toBeUndefined();
  expect(measureOf('steps').better).toBeUndefined();
  expect(measureOf('accuracy').text(46.1)).toBe('46.1 %');
  expect(measureOf('seconds').text(90)).toBe('1 min 30 s');
  expect(measureOf('seconds').write?.(90)).toBe('1 min 30 s');
  expect(measureOf('accuracy').unit).toBe(' points');
});

test('all settings of all configs; one that is not there is not null as a value', () => {
  expect(allSettings([{ a: { b: 1 }, c: null }, { a: { b: 'x' } }])).toEqual([
    { path: 'a.b', values: ['1', 'x'] },
    { path: 'c', values: ['null', null] },
  ]);
});
