/** Filters of a dataset's pictures between address, chips and engine. */
import { expect, test } from 'vitest';
import { browseQuerySchema } from '../../engine/contract/datasets.ts';
import { hrefOf, readRoute } from '../../renderer/lib/page-routes.ts';
import { datasetPicture } from '../../renderer/lib/picture-addresses.ts';
import {
  addressOf,
  browseParams,
  chipsOf,
  type Filters,
  isUnfiltered,
  noFilters,
  readFilters,
} from '../../renderer/views/datasets/filters.ts';
import { itemAddress, readItem } from '../../renderer/views/datasets/item-place.ts';

const all: Filters = {
  text: 'a <b>dog</b> & 100 % "fun"',
  split: 'val',
  has: 'questions',
  answerType: 'yes/no',
  questionType: 'is the',
  answer: 'yes?',
};

test('filters come back from the address as they were', () => {
  const href = hrefOf('dataset', { name: 'my set' }, addressOf(all));
  expect(readFilters(readRoute(href)!.query)).toEqual(all);
});

test('what is not filtered by leaves no trace in the address', () => {
  expect(hrefOf('dataset', { name: 'x' }, addressOf(noFilters))).toBe('#/datasets/x');
  expect(readFilters({})).toEqual(noFilters);
});

test('a kind of text that there is not counts as none', () => {
  expect(readFilters({ has: 'toString' }).has).toBe('');
  expect(readFilters({ has: 'nothing' }).has).toBe('nothing');
});

test('the engine takes what the filters say', () => {
  const params = browseParams('x', all);
  expect(browseQuerySchema.parse(params)).toMatchObject({ ...all, dataset: 'x' });
  expect(browseParams('x', { ...noFilters, text: '  ' })).toEqual({ dataset: 'x' });
});

test('each filter that is on has a chip', () => {
  expect(chipsOf(all).map(({ name }) => name)).toEqual(Object.keys(all));
  expect(chipsOf({ ...noFilters, split: 'val', has: 'nothing' }).map(({ label }) => label)).toEqual([
    'Split: val',
    'Without either',
  ]);
  expect(chipsOf(noFilters)).toEqual([]);
  expect(isUnfiltered(noFilters)).toBe(true);
  expect(isUnfiltered({ ...noFilters, answer: 'no' })).toBe(false);
});

test.each([
  [
    { item: 'val/1', at: '17' },
    { id: 'val/1', index: 17 },
  ],
  [
    { item: 'val/1', at: '1e3' },
    { id: 'val/1', index: undefined },
  ],
  [{ item: 'val/1' }, { id: 'val/1', index: undefined }],
  [{ at: '3' }, undefined],
])('the open picture of %j', (query, place) => {
  expect(readItem(query)).toEqual(place);
});

test('the open picture comes back from the address', () => {
  const place = { id: 'val/folder/ä 1.jpg', index: 119_999 };
  const href = hrefOf('dataset', { name: 'x' }, itemAddress(place));
  expect(readItem(readRoute(href)!.query)).toEqual(place);
  expect(itemAddress(undefined)).toEqual({ item: '', at: '' });
});

test('a picture is addressed by parts that cannot leave their place', () => {
  expect(datasetPicture('my set', 'val/a/../b?.jpg', 'thumb')).toBe('/media/my%20set/val/a%2F..%2Fb%3F.jpg?size=thumb');
});
