/** Progress lines, with a clock of our own. */
import { expect, test } from 'vitest';
import { ProgressWriter } from '../../main/cli/progress.ts';

function writer(moving: boolean, columns = 100) {
  const clock = { time: 0 };
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text), columns };
  return { clock, written, progress: new ProgressWriter({ sink, moving, now: () => clock.time }) };
}

const report = (done: number) => ({ task: 'Training', done, total: 100, unit: 'steps', note: 'loss 2.3' });

test('a terminal gets one line that moves, ten times a second at most', () => {
  const { clock, written, progress } = writer(true);
  progress.update(report(0));
  clock.time = 50;
  progress.update(report(1));
  clock.time = 5000;
  progress.update(report(25));
  progress.clear();
  expect(written).toEqual([
    `\r\x1b[KTraining ${'░'.repeat(20)}  0/100 steps  loss 2.3`,
    `\r\x1b[KTraining █████${'░'.repeat(15)}  25/100 steps  5/s  15s left  loss 2.3`,
    '\r\x1b[K',
  ]);
});

test('a message stays, and the moving line comes back below it', () => {
  const { written, progress } = writer(true);
  progress.update(report(0));
  written.length = 0;
  progress.message('step 10: accuracy 50\x1b[2J');
  expect(written).toEqual(['\r\x1b[K', 'step 10: accuracy 50\\u001b[2J\n', expect.stringMatching(/Training/)]);
});

test('a line is never longer than the terminal', () => {
  const { written, progress } = writer(true, 20);
  progress.update(report(0));
  expect(written[0]).toHaveLength('\r\x1b[K'.length + 19);
});

test('elsewhere there is a plain line every ten seconds', () => {
  const { clock, written, progress } = writer(false);
  for (let done = 0; done <= 30; done += 1) {
    clock.time = done * 1000;
    progress.update(report(done));
  }
  expect(written).toEqual([
    'Training  0/100 steps  loss 2.3\n',
    'Training  10/100 steps  1/s  1m 30s left  loss 2.3\n',
    'Training  20/100 steps  1/s  1m 20s left  loss 2.3\n',
    'Training  30/100 steps  1/s  1m 10s left  loss 2.3\n',
  ]);
});

test('rate and time left count from where the task began', () => {
  const { clock, written, progress } = writer(false);
  progress.update(report(90));
  clock.time = 10_000;
  progress.update(report(95));
  clock.time = 20_000;
  progress.update({ task: 'Evaluating', done: 3, unit: 'examples' });
  expect(written.slice(1)).toEqual(['Training  95/100 steps  0.5/s  10s left  loss 2.3\n', 'Evaluating  3 examples\n']);
});
