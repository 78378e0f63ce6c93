/** A lane: its process starts when needed, comes again after a loss, and ends when it is idle. */
import { constants } from 'node:os';
import { expect, test, vi } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { answerCalls, type Handlers } from '../../engine/contract/answering.ts';
import { engineCalls } from '../../engine/contract/api.ts';
import { LaneRunner } from '../../main/host/lane.ts';
import { lostProcess } from '../../main/host/lost-process.ts';
import type { OwnProcess, ProcessEnd } from '../../main/host/own-process.ts';
import { portPair } from '../contract/port-pair.ts';

interface FakeProcess extends OwnProcess {
  readonly kills: (boolean | undefined)[];
  exit(end: ProcessEnd): void;
}

const models = { models: [], broken: [] };
const handlers = {
  'models.list': () => models,
  'runs.list': () => new Promise(() => {}),
} as unknown as Handlers<typeof engineCalls>;

/** Ends when it is asked to, as an engine does. */
function fakeProcess(stubborn = false): FakeProcess {
  const [near, far] = portPair();
  answerCalls(far, engineCalls, handlers);
  const { promise: exited, resolve } = Promise.withResolvers<ProcessEnd>();
  const kills: (boolean | undefined)[] = [];
  const exit = (end: ProcessEnd): void => {
    near.close();
    resolve(end);
  };
  const kill = (force?: boolean): void => {
    kills.push(force);
    if (force || !stubborn) exit({ code: null, signal: force ? 'SIGKILL' : 'SIGTERM' });
  };
  return { port: near, processId: 1, exited, kill, kills, exit };
}

function lane(options: { idle?: number; stubborn?: boolean } = {}) {
  const processes: FakeProcess[] = [];
  const states: string[] = [];
  const runner = new LaneRunner({
    lane: 'work',
    home: '/home',
    idle: options.idle,
    spawn: () => {
      const process = fakeProcess(options.stubborn);
      processes.push(process);
      return process;
    },
    onState: (state, reason) => states.push(reason === undefined ? state : `${state}: ${reason}`),
  });
  return { runner, processes, states };
}

test('the process starts with the first call and serves the next ones', async () => {
  const { runner, processes, states } = lane();
  expect(processes).toHaveLength(0);
  for (let i = 0; i < 3; i += 1) expect(await runner.with((client) => client.call('models.list', {}))).toEqual(models);
  expect(processes).toHaveLength(1);
  expect(states).toEqual(['started']);
});

test('a lost process ends its calls with the reason, and the next call starts another', async () => {
  const { runner, processes, states } = lane();
  const call = runner.with((client) => client.call('runs.list', {}));
  await vi.waitUntil(() => processes.length === 1);
  processes[0]!.exit({ code: null, signal: 'SIGKILL' });
  const error = await call.catch((cause: DeptError) => cause);
  expect(error).toBeInstanceOf(DeptError);
  expect(error).toMatchObject({
    code: 'interrupted',
    message: expect.stringContaining('killed by SIGKILL'),
    details: { remedy: expect.stringContaining('memory ran out') },
  });
  expect(await runner.with((client) => client.call('models.list', {}))).toEqual(models);
  expect(states).toEqual(['started', 'lost: killed by SIGKILL', 'started']);
});

test.each<[how: string, end: ProcessEnd, hint: string]>([
  ['memory ran out', { code: null, signal: 'SIGKILL' }, 'microBatch'],
  ['memory ran out, as a window tells it', { code: constants.signals.SIGKILL, signal: null }, 'microBatch'],
  ["V8's memory ran out", { code: null, signal: 'SIGABRT' }, 'microBatch'],
  ["V8's memory ran out, as a window tells it", { code: 128 + constants.signals.SIGABRT, signal: null }, 'microBatch'],
  ['a file was cut short', { code: null, signal: 'SIGBUS' }, 'cut short'],
  ['a file was cut short, as a window tells it', { code: 128 + constants.signals.SIGBUS, signal: null }, 'cut short'],
])('where %s, the way out says so', (_, end, hint) => {
  const { code, message, details } = lostProcess('It', end, 'Go on.');
  expect(code).toBe('interrupted');
  expect(message).toMatch(/^It was lost: (killed by SIG|ended with exit code )/);
  expect(details.remedy).toMatch(new RegExp(`^Go on\\. .*${hint}`));
});

test('where nothing is known of the cause, none is guessed', () => {
  expect(lostProcess('It', { code: 1, signal: null }, 'Go on.').details.remedy).toBe('Go on.');
});

test('asked to end, it is not lost, and calls in between go to a new process', async () => {
  const { runner, processes, states } = lane();
  await runner.with((client) => client.call('models.list', {}));
  const end = runner.end();
  await runner.with((client) => client.call('models.list', {}));
  await end;
  expect(processes).toHaveLength(2);
  expect(states.filter((state) => state !== 'started')).toEqual(['ended']);
  await runner.end();
  await runner.end();
});

test('closed, it ends and starts no process again', async () => {
  const { runner, processes, states } = lane();
  await runner.with((client) => client.call('models.list', {}));
  await runner.close();
  await expect(runner.with((client) => client.call('models.list', {}))).rejects.toMatchObject({ code: 'interrupted' });
  expect(processes).toHaveLength(1);
  expect(states).toEqual(['started', 'ended']);
});

test('a process that does not end is killed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { runner, processes } = lane({ stubborn: true });
    await runner.with((client) => client.call('models.list', {}));
    const end = runner.end();
    await vi.advanceTimersByTimeAsync(60_000);
    await end;
    expect(processes[0]!.kills).toEqual([undefined, true]);
  } finally {
    vi.useRealTimers();
  }
});

test('without work it ends after its idle time, and not before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { runner, processes, states } = lane({ idle: 1000 });
    await runner.with((client) => client.call('models.list', {}));
    await vi.advanceTimersByTimeAsync(900);
    await runner.with((client) => client.call('models.list', {}));
    await vi.advanceTimersByTimeAsync(900);
    expect(states).toEqual(['started']);
    await vi.advanceTimersByTimeAsync(200);
    expect(states).toEqual(['started', 'ended']);
    expect(processes).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
