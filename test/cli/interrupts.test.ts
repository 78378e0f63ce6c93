/** Ctrl-C, once, twice, and twice for one. */
import { expect, test } from 'vitest';
import { Interrupts } from '../../main/cli/interrupts.ts';

function made() {
  const clock = { time: 1000 };
  const calls: string[] = [];
  const interrupts = new Interrupts({
    now: () => clock.time,
    onStop: () => calls.push('stop'),
    onQuit: () => calls.push('quit'),
  });
  return { clock, calls, interrupts };
}

test('the first asks to stop, the second quits', () => {
  const { clock, calls, interrupts } = made();
  expect(interrupts.signal.aborted).toBe(false);
  interrupts.interrupt();
  expect(interrupts.signal.aborted).toBe(true);
  expect(calls).toEqual(['stop']);
  clock.time += 2000;
  interrupts.interrupt();
  expect(calls).toEqual(['stop', 'quit']);
});

test('the same Ctrl-C, delivered twice, counts once', () => {
  const { clock, calls, interrupts } = made();
  interrupts.interrupt();
  clock.time += 5;
  interrupts.interrupt();
  expect(calls).toEqual(['stop']);
});
