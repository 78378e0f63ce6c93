/** CIDEr on captions small enough to work out by hand. */
import { expect, test } from 'vitest';
import { cider } from '../../engine/metrics/cider.ts';

const item = (hypothesis: string, ...references: string[]) => ({
  hypothesis: hypothesis.split(' ').filter(Boolean),
  references: references.map((reference) => reference.split(' ')),
});

test('the only reference repeated is a perfect 10, for captions of four words or more', () => {
  const items = [item('a red bus stops', 'a red bus stops'), item('two cats sleep here', 'two cats sleep here')];
  for (const variant of ['cider-d', 'cider'] as const) {
    expect(cider(items, variant).perItem).toEqual([expect.closeTo(10, 10), expect.closeTo(10, 10)]);
  }
});

test('one image alone scores 0, since none of its n-grams is rare', () => {
  expect(cider([item('a red bus stops', 'a red bus stops')]).corpus).toBe(0);
});

test('an n-gram that every image has weighs nothing', () => {
  const { perItem } = cider([item('the', 'the bus'), item('the', 'the cat')]);
  expect(perItem).toEqual([0, 0]);
});

test('n-grams count by their cosine, the mean of four lengths', () => {
  // one-word captions: the unigrams agree, longer n-grams are none and count 0
  expect(cider([item('bus', 'bus'), item('cat', 'cat')]).perItem).toEqual([
    expect.closeTo(10 / 4, 10),
    expect.closeTo(10 / 4, 10),
  ]);
});

test('only CIDEr-D clips repetition and penalises length', () => {
  const items = [item('bus bus bus', 'bus'), item('cat', 'cat')];
  const cosine = 1; // of the unigrams; no longer n-gram is common
  expect(cider(items, 'cider').perItem[0]).toBeCloseTo((10 / 4) * cosine, 10);
  // clipped: min(3w, w) w / (3w w) = 1/3; lengths in bigrams 2 and 0, sigma 6
  expect(cider(items, 'cider-d').perItem[0]).toBeCloseTo(((10 / 4) * Math.exp(-4 / 72)) / 3, 10);
});

test('a reference more is a mean, and does not make its n-grams commoner', () => {
  const one = cider([item('bus', 'bus'), item('cat', 'cat')]).perItem[0]!;
  const same = cider([item('bus', 'bus', 'bus'), item('cat', 'cat')]).perItem[0]!;
  const half = cider([item('bus', 'bus', 'tram'), item('cat', 'cat')]).perItem[0]!;
  expect(same).toBeCloseTo(one, 12);
  expect(half).toBeCloseTo(one / 2, 12);
});

test('an empty hypothesis scores 0', () => {
  expect(cider([item('', 'bus'), item('cat', 'cat')]).perItem[0]).toBe(0);
});
