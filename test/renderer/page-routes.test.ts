/** Addresses of the page, written and read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstRoute, hrefOf, readRoute } from '../../renderer/lib/page-routes.ts';

test('any name and any query come back as they were', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(text, fc.dictionary(fc.string({ minLength: 1 }), text), (name, query) => {
      const written = { ...query };
      expect(readRoute(hrefOf('dataset', { name }, written))).toEqual({
        name: 'dataset',
        params: { name },
        query: written,
      });
    }),
  );
});

test('empty and missing query values are left out', () => {
  expect(hrefOf('runs', {}, { q: '', tab: undefined, sort: 'name' })).toBe('#/runs?sort=name');
});

test.each(['', '#', '#/'])('the address "%s" is the first page', (hash) => {
  expect(readRoute(hash)?.name).toBe(firstRoute);
});

test.each(['#/nowhere', '#/runs/a/b', '#/runs/%', '#/datasets/x/y'])('%s is no place', (hash) => {
  expect(readRoute(hash)).toBeUndefined();
});
