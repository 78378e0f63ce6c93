/** Training time, by a clock that the test moves. */
import { expect, test } from 'vitest';
import { Stopwatch } from '../../engine/training/stopwatch.ts';

test('goes on from what was there, and stands still while it waits', async () => {
  let now = 5000;
  const watch = new Stopwatch(10, () => now);
  expect(watch.seconds).toBe(10);
  now += 1500;
  expect(watch.seconds).toBe(11.5);
  const { promise, resolve } = Promise.withResolvers<void>();
  const waited = watch.without(promise);
  now += 60_000;
  resolve();
  await waited;
  expect(watch.seconds).toBe(11.5);
  now += 500;
  expect(watch.seconds).toBe(12);
});
