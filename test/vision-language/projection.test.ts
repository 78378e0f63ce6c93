/** The linear projection: shapes, first values as torch's Linear has them, and the count of its values. */
import { expect, test } from 'vitest';
import { countValues } from '../../engine/graph/parameter.ts';
import { startParameters } from '../../engine/training/train-step.ts';
import { linearProjection } from '../../engine/vision-language/projection.ts';

const [clipWidth, width] = [100, 24];
const { parameters } = linearProjection({ clipWidth, width, epsilon: 1e-6 });

test('weight [width, clipWidth], bias and norm [width], all in one group', () => {
  expect(parameters.map(({ name, shape, group }) => ({ name, shape, group }))).toEqual([
    { name: 'visual_projection.linear.weight', shape: [width, clipWidth], group: 'projection' },
    { name: 'visual_projection.linear.bias', shape: [width], group: 'projection' },
    { name: 'visual_projection.norm.weight', shape: [width], group: 'projection' },
  ]);
  expect(countValues(parameters)).toBe(clipWidth * width + 2 * width);
});

test('starts uniform within 1 / sqrt(clipWidth), the norm at 1', () => {
  const [weight, bias, norm] = startParameters(parameters, 1).map(({ values }) => values);
  for (const values of [weight!, bias!]) expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1);
  expect(Math.max(...weight!)).toBeGreaterThan(0.099);
  expect(Math.min(...weight!)).toBeLessThan(-0.099);
  expect(new Set(bias).size).toBe(width);
  expect([...norm!]).toEqual(Array(width).fill(1));
});
