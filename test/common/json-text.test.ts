/** JSON texts: read as `JSON.parse` reads them, up to a depth; brackets and quotes inside of texts do not count. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countKeys, MAX_NESTING, parseJsonText } from '../../engine/common/json-text.ts';

const nested = (depth: number, inside = ''): string => '['.repeat(depth) + inside + ']'.repeat(depth);

test('nesting is taken up to its limit, of lists and objects alike', () => {
  expect(parseJsonText(nested(MAX_NESTING, '1'))).toEqual(JSON.parse(nested(MAX_NESTING, '1')));
  expect(() => parseJsonText(nested(MAX_NESTING + 1, '1'))).toThrow(/nested more than 100 times/);
  const objects = '{"a":'.repeat(MAX_NESTING + 1) + 0 + '}'.repeat(MAX_NESTING + 1);
  expect(() => parseJsonText(objects)).toThrow(/nested more than 100 times/);
  expect(parseJsonText(`[${'[],'.repeat(500)}[]]`)).toHaveLength(501);
});

test.each(['[', '\\"[', '\\\\\\"{', '\\\\'])('brackets in the text %j do not count', (text) => {
  const json = JSON.stringify({ a: text.repeat(300), b: [1] });
  expect(parseJsonText(json)).toEqual(JSON.parse(json));
  expect(countKeys(json)).toBe(2);
});

test('whatever is no deeper is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (json) => {
      expect(parseJsonText(json)).toEqual(JSON.parse(json));
    }),
    { numRuns: 200, seed: 3 },
  );
});

test('keys are counted as they are written', () => {
  expect(countKeys('{"a":1,"a":{"b":":","c":2},"d:":[{"e":1}]}')).toBe(3);
  expect(countKeys('[{"a":1}]')).toBe(0);
});
