/** Calls over a port: answers, errors, cancellation, pausing, news, events, and messages that are none of these. */
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { DeptError } from '../../engine/common/errors.ts';
import { answerCalls, type Handlers } from '../../engine/contract/answering.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { portPair } from './port-pair.ts';

const table = {
  double: { params: z.strictObject({ n: z.number() }), result: z.object({ n: z.number() }) },
  wait: { params: z.strictObject({}), result: z.object({ reason: z.string() }) },
  fail: { params: z.strictObject({}), result: z.object({}) },
  steps: { params: z.strictObject({ count: z.number() }), result: z.object({ done: z.number() }) },
  lie: { params: z.strictObject({}), result: z.object({ text: z.string() }) },
} as const;

const handlers: Handlers<typeof table> = {
  double: ({ n }) => ({ n: 2 * n }),
  wait: (_, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ reason: 'stopped' }));
    }),
  fail: () => {
    throw new DeptError('bad-file', 'No good', { path: '/x', expected: 'a', got: 'b', remedy: 'c' });
  },
  steps: async ({ count }, { tell, unpaused, signal }) => {
    let done = 0;
    for (; done < count && !signal.aborted; done += 1) {
      await unpaused();
      tell(done);
      await new Promise(setImmediate);
    }
    return { done };
  },
  lie: () => ({ text: 7 }) as never,
};

function connected(onEvent?: (event: unknown) => void) {
  const [near, far] = portPair();
  const end = answerCalls(far, table, handlers);
  return { client: new ContractClient(near, table, onEvent), near, end };
}

test('an answer, and several under way at a time', async () => {
  const { client } = connected();
  const answers = await Promise.all([1, 2, 3].map((n) => client.call('double', { n })));
  expect(answers).toEqual([{ n: 2 }, { n: 4 }, { n: 6 }]);
});

test('an error travels with all its parts', async () => {
  const { client } = connected();
  const error = await client.call('fail', {}).catch((cause: DeptError) => cause);
  expect(error).toBeInstanceOf(DeptError);
  expect((error as DeptError).toRecord()).toEqual({
    code: 'bad-file',
    message: 'No good',
    path: '/x',
    expected: 'a',
    got: 'b',
    remedy: 'c',
  });
});

test('wrong params name the call and the field', async () => {
  const { client } = connected();
  await expect(client.call('double', { n: 'two' } as never)).rejects.toMatchObject({
    code: 'bad-input',
    details: { path: 'double.n' },
  });
  await expect(client.call('double', { n: 1, more: 1 } as never)).rejects.toMatchObject({ code: 'bad-input' });
});

test('an unknown call is refused, inherited names too', async () => {
  const { client } = connected();
  await expect(client.call('duble' as never, {} as never)).rejects.toMatchObject({
    message: "There is no call 'duble'",
    details: { remedy: "Did you mean 'double'?" },
  });
  await expect(client.call('constructor' as never, {} as never)).rejects.toMatchObject({ code: 'bad-input' });
});

test('an answer that is not of the contract is a fault', async () => {
  const { client } = connected();
  await expect(client.call('lie', {})).rejects.toMatchObject({ code: 'runtime-failed', details: { path: 'lie.text' } });
});

test('a cancelled call is asked to stop, and its own end is the answer', async () => {
  const { client } = connected();
  const stop = new AbortController();
  const answer = client.call('wait', {}, { signal: stop.signal });
  stop.abort();
  expect(await answer).toEqual({ reason: 'stopped' });
  expect(await client.call('wait', {}, { signal: AbortSignal.abort() })).toEqual({ reason: 'stopped' });
});

test('news arrive in order; a paused call tells nothing until it may go on', async () => {
  const { client } = connected();
  const news: unknown[] = [];
  const work = client.begin('steps', { count: 20 }, { onNews: (item) => news.push(item) });
  await vi.waitUntil(() => news.length >= 3);
  work.pause(true);
  await client.call('double', { n: 1 }); // by now the pause has arrived
  await client.call('double', { n: 1 });
  const held = news.length;
  for (let turn = 0; turn < 20; turn += 1) await client.call('double', { n: 1 });
  expect(news.length).toBe(held);
  work.pause(false);
  expect(await work.result).toEqual({ done: 20 });
  expect(news).toEqual([...Array(20).keys()]);
});

test('a paused call can be cancelled', async () => {
  const { client } = connected();
  const stop = new AbortController();
  const work = client.begin('steps', { count: 1e9 }, { signal: stop.signal });
  work.pause(true);
  await client.call('double', { n: 1 });
  stop.abort();
  expect((await work.result).done).toBeLessThan(1e9);
});

test('events reach the other side', async () => {
  const seen: unknown[] = [];
  const { client, end } = connected((event) => seen.push(event));
  end.emit({ hello: 1 });
  await client.call('double', { n: 1 });
  expect(seen).toEqual([{ hello: 1 }]);
});

test('a closed port ends calls with `interrupted`, and asks the work to stop', async () => {
  const { client, near, end } = connected();
  const answer = client.call('wait', {});
  await client.call('double', { n: 1 });
  near.close();
  await expect(answer).rejects.toMatchObject({ code: 'interrupted' });
  await end.idle();
  await expect(client.call('double', { n: 1 })).rejects.toMatchObject({ code: 'interrupted' });
});

test.each([
  ['nothing', undefined],
  ['text', 'call'],
  ['an unknown type', { type: 'shout', id: 1 }],
  ['a call without an id', { type: 'call', call: 'double', params: { n: 1 } }],
  ['a negative id', { type: 'call', id: -1, call: 'double', params: { n: 1 } }],
  ['a cancel of nothing', { type: 'cancel', id: 99 }],
  ['an array', [1, 2]],
  ['too much', { type: 'cancel', id: 1, more: true }],
])('%s does no harm', async (_, message) => {
  const { client, near } = connected();
  near.post(message);
  expect(await client.call('double', { n: 4 })).toEqual({ n: 8 });
});

test('a second call with an id that is at work is refused, the first goes on', async () => {
  const [near, far] = portPair();
  answerCalls(far, table, handlers);
  const replies: unknown[] = [];
  near.onMessage((reply) => replies.push(reply));
  near.post({ type: 'call', id: 5, call: 'wait', params: {} });
  near.post({ type: 'call', id: 5, call: 'double', params: { n: 1 } });
  near.post({ type: 'cancel', id: 5 });
  await vi.waitUntil(() => replies.length === 2);
  expect(replies).toMatchObject([
    { type: 'error', id: 5, error: { code: 'bad-input' } },
    { type: 'result', id: 5, value: { reason: 'stopped' } },
  ]);
});
