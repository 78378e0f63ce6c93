import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import {
  addDims,
  type Dim,
  dimText,
  evaluateDim,
  multiplyDims,
  named,
  plainName,
  sameDim,
  sameShape,
  shapeText,
  subtractDims,
} from '../../engine/graph/dim.ts';

const names = ['batch', 'text', 'target'] as const;
const leaf = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom(...names).map(named));
const { dim } = fc.letrec<{ dim: Dim }>((again) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.tuple(again('dim'), again('dim')).map(([a, b]) => addDims(a, b)),
    fc.tuple(again('dim'), again('dim')).map(([a, b]) => multiplyDims(a, b)),
  ),
}));
const extent = fc.integer({ min: 0, max: 9 });
const extents = fc.record({ batch: extent, text: extent, target: extent });

describe('dimensions are integer polynomials', () => {
  test('whose value is that of their parts', () => {
    fc.assert(
      fc.property(dim, dim, extents, (a, b, values) => {
        const [x, y] = [evaluateDim(a, values), evaluateDim(b, values)];
        expect(evaluateDim(addDims(a, b), values)).toBe(x + y);
        expect(evaluateDim(subtractDims(a, b), values)).toBe(x - y);
        expect(evaluateDim(multiplyDims(a, b), values)).toBe(x * y + 0); // 0 * -1 is -0
      }),
    );
  });

  test('with one form each, however they came about', () => {
    fc.assert(
      fc.property(dim, dim, dim, (a, b, c) => {
        expect(sameDim(addDims(a, b), addDims(b, a))).toBe(true);
        expect(sameDim(multiplyDims(a, b), multiplyDims(b, a))).toBe(true);
        expect(sameDim(multiplyDims(a, addDims(b, c)), addDims(multiplyDims(a, b), multiplyDims(a, c)))).toBe(true);
        expect(subtractDims(addDims(a, b), b)).toEqual(a);
        expect(subtractDims(a, a)).toBe(0);
      }),
    );
  });

  test('that differ where their values do', () => {
    fc.assert(
      fc.property(dim, dim, extents, (a, b, values) => {
        if (sameDim(a, b)) expect(evaluateDim(a, values)).toBe(evaluateDim(b, values));
      }),
    );
  });

  test('a polynomial without names is a number', () => {
    expect(addDims(named('text'), 3, multiplyDims(-1, named('text')))).toBe(3);
    expect(multiplyDims(named('text'), 0)).toBe(0);
    expect([addDims(), multiplyDims()]).toEqual([0, 1]);
  });
});

test('texts', () => {
  const [batch, text] = [named('batch'), named('text')];
  expect(dimText(addDims(multiplyDims(text, batch, 2), text, 5))).toBe('5+2*batch*text+text');
  expect(shapeText([batch, 3, addDims(text, 1)])).toBe('[batch, 3, 1+text]');
  expect(shapeText([])).toBe('[]');
});

test('a plain name is nothing else', () => {
  const text = named('text');
  expect(plainName(text)).toBe('text');
  for (const other of [7, addDims(text, 1), multiplyDims(text, 2), multiplyDims(text, text)]) {
    expect(plainName(other)).toBeUndefined();
  }
});

test('shapes are the same when every dimension is', () => {
  const text = named('text');
  expect(sameShape([addDims(text, 1), 2], [addDims(1, text), 2])).toBe(true);
  expect(sameShape([text, 2], [text])).toBe(false);
  expect(sameShape([text], [named('batch')])).toBe(false);
});

test.each(['', '3', 'a*b', 'a+b', 'two words'])('the name %j is refused', (name) => {
  expect(() => named(name)).toThrow(DeptError);
});

test('an extent without a value is named', () => {
  const failure = new DeptError('shape-mismatch', 'The extent "text" of a symbolic dimension has no value', {
    expected: 'a number for text in 1+text',
    got: 'values for batch',
  });
  expect(() => evaluateDim(addDims(named('text'), 1), { batch: 2 })).toThrow(failure);
});
