/** Jobs: one after another in a lane, told as they go, stopped, paused, lost, dismissed. */
import { expect, test, vi } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import type { Lane } from '../../engine/contract/events.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { JobBoard, type JobOrder } from '../../main/host/job-board.ts';

interface Begun {
  readonly order: JobOrder;
  readonly signal: AbortSignal;
  readonly news: (news: unknown) => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly pauses: boolean[];
}

function board() {
  const begun: Begun[] = [];
  const changes: JobRecord[] = [];
  const removed: string[] = [];
  const jobs = new JobBoard({
    begin: (order, signal, news) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const pauses: boolean[] = [];
      begun.push({ order, signal, news, resolve, reject, pauses });
      return { result: promise, pause: (paused) => pauses.push(paused) };
    },
    onChange: (job) => changes.push(job),
    onRemoved: (job) => removed.push(job),
    onTrainEvent: () => {},
  });
  const stateOf = (id: string): string | undefined => jobs.list().find((job) => job.id === id)?.state;
  return { jobs, begun, changes, removed, stateOf };
}

const order = (title: string, lane: Lane = 'work'): JobOrder => ({
  call: 'train',
  params: { config: {} },
  title,
  about: {},
  lane,
});

test('jobs of a lane go one after another, lanes beside each other', async () => {
  const { jobs, begun, stateOf } = board();
  const [first, second, other] = [jobs.start(order('1')), jobs.start(order('2')), jobs.start(order('3', 'data'))];
  await vi.waitUntil(() => begun.length === 2);
  expect([first, second, other].map(({ id }) => stateOf(id))).toEqual(['running', 'queued', 'running']);
  begun[0]!.resolve({ run: 'r' });
  await vi.waitUntil(() => begun.length === 3);
  expect(begun[2]!.order.title).toBe('2');
  expect(jobs.list().find(({ id }) => id === first.id)).toMatchObject({ state: 'done', result: { run: 'r' } });
});

test('a failure is kept with all its parts, and the next job begins', async () => {
  const { jobs, begun } = board();
  const { id } = jobs.start(order('1'));
  jobs.start(order('2'));
  await vi.waitUntil(() => begun.length === 1);
  begun[0]!.reject(new DeptError('bad-config', 'No', { remedy: 'Yes' }));
  await vi.waitUntil(() => begun.length === 2);
  expect(jobs.list().find((job) => job.id === id)).toMatchObject({
    state: 'failed',
    error: { code: 'bad-config', message: 'No', remedy: 'Yes' },
    ended: expect.any(String),
  });
});

test.each(['cancelled', 'interrupted'] as const)('an end by `%s` is a state of its own', async (code) => {
  const { jobs, begun, stateOf } = board();
  const { id } = jobs.start(order('1'));
  await vi.waitUntil(() => begun.length === 1);
  begun[0]!.reject(new DeptError(code, 'So'));
  await vi.waitUntil(() => stateOf(id) === code);
});

test('cancelling asks the work to stop; how it ends is its own', async () => {
  const { jobs, begun, stateOf } = board();
  const { id } = jobs.start(order('1'));
  await vi.waitUntil(() => begun.length === 1);
  expect(jobs.cancel(id)).toMatchObject({ state: 'running', stopping: true });
  expect(begun[0]!.signal.aborted).toBe(true);
  begun[0]!.resolve({ status: 'stopped' });
  await vi.waitUntil(() => stateOf(id) === 'done');
  expect(jobs.cancel(id)).toMatchObject({ state: 'done', stopping: false });
});

test('a queued job that is cancelled never begins', async () => {
  const { jobs, begun, stateOf } = board();
  jobs.start(order('1'));
  const { id } = jobs.start(order('2'));
  jobs.start(order('3'));
  await vi.waitUntil(() => begun.length === 1);
  jobs.cancel(id);
  expect(stateOf(id)).toBe('cancelled');
  begun[0]!.resolve({});
  await vi.waitUntil(() => begun.length === 2);
  expect(begun[1]!.order.title).toBe('3');
});

test('pausing reaches the work, and only where there is some', async () => {
  const { jobs, begun } = board();
  const { id } = jobs.start(order('1'));
  const waiting = jobs.start(order('2'));
  await vi.waitUntil(() => begun.length === 1);
  expect(() => jobs.pause(waiting.id, true)).toThrow(/cannot be paused/);
  expect(jobs.pause(id, true).state).toBe('paused');
  expect(jobs.pause(id, false).state).toBe('running');
  expect(begun[0]!.pauses).toEqual([true, false]);
  jobs.pause(id, true);
  expect(jobs.cancel(id)).toMatchObject({ state: 'running', stopping: true });
  expect(() => jobs.pause(id, true)).toThrow(/cannot be paused/);
});

test('progress gets a pace, and is told now and then; what it is about at once', async () => {
  const { jobs, begun, changes } = board();
  jobs.start(order('1'));
  await vi.waitUntil(() => begun.length === 1);
  const { news, resolve } = begun[0]!;
  news({ type: 'event', event: { type: 'start', run: 'r1', folder: '/r1', step: 0, steps: 1000 } });
  expect(changes.at(-1)).toMatchObject({ run: 'r1' });
  const before = changes.length;
  for (let done = 1; done <= 1000; done += 1) {
    news({ type: 'event', event: { type: 'step', step: done, steps: 1000, loss: 1 } });
  }
  expect(changes.length - before).toBeLessThan(50);
  expect(jobs.list()[0]!.progress).toMatchObject({ task: 'Training', done: 1000, total: 1000 });
  resolve({});
  await vi.waitUntil(() => jobs.active().length === 0);
  expect(changes.at(-1)).toMatchObject({ state: 'done', progress: { done: 1000 } });
});

test('the last progress before a silence is told as well', async () => {
  const { jobs, begun, changes } = board();
  jobs.start(order('1'));
  await vi.waitUntil(() => begun.length === 1);
  const tell = (done: number) =>
    begun[0]!.news({ type: 'progress', progress: { task: 'Downloading', done, unit: 'bytes', note: `${done}` } });
  for (let done = 1; done <= 3; done += 1) tell(done);
  await vi.waitUntil(() => changes.at(-1)?.progress?.note === '3');
});

test('only what is over can be dismissed', async () => {
  const { jobs, begun, removed } = board();
  const { id } = jobs.start(order('1'));
  await vi.waitUntil(() => begun.length === 1);
  expect(() => jobs.dismiss(id)).toThrow(/still at work/);
  begun[0]!.resolve({});
  await vi.waitUntil(() => jobs.active().length === 0);
  jobs.dismiss(id);
  expect(jobs.list()).toEqual([]);
  expect(removed).toEqual([id]);
  expect(() => jobs.cancel(id)).toThrow(/no such job/);
});

test('closing stops all, those that wait too, and waits for their ends', async () => {
  const { jobs, begun } = board();
  jobs.start(order('1'));
  jobs.start(order('2'));
  await vi.waitUntil(() => begun.length === 1);
  let closed = false;
  const closing = jobs.stop().then(() => {
    closed = true;
  });
  await new Promise(setImmediate);
  expect(closed).toBe(false);
  expect(begun[0]!.signal.aborted).toBe(true);
  begun[0]!.resolve({ status: 'stopped' });
  await closing;
  expect(begun).toHaveLength(1);
});

test('the newest jobs that are over are kept, not all', async () => {
  const { jobs, begun } = board();
  for (let i = 0; i < 60; i += 1) {
    jobs.start(order(String(i)));
    await vi.waitUntil(() => begun.length === i + 1);
    begun[i]!.resolve({});
    await vi.waitUntil(() => jobs.active().length === 0);
  }
  expect(jobs.list().length).toBeLessThanOrEqual(51);
  expect(jobs.list()[0]!.title).toBe('59');
});
