/** Downloads as jobs of the host, in a process of their own: planned, stopped, gone on with, discarded. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type PageCalls, pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { EngineHost } from '../../main/host/engine-host.ts';
import { portPair } from '../contract/port-pair.ts';
import { behaviours, filesOf, StandIn } from '../weights/hub/stand-in.ts';
import { recordedEngine } from './recorded-engine.ts';

const bundled = join(import.meta.dirname, '..', '..', 'assets', 'models', 'scenes-t5');
const home = mkdtempSync(join(tmpdir(), 'dept-host-downloads-'));
const repo = 'me/scenes';
const WEIGHTS = 'model.safetensors';
let standIn: StandIn;
const { spawn, processes } = recordedEngine();
let host: EngineHost;
let client: ContractClient<PageCalls>;
const events: AppEvent[] = [];

beforeAll(async () => {
  standIn = await StandIn.start();
  standIn.add(repo, filesOf(bundled));
  // Engine processes inherit the environment of the one that forks them.
  vi.stubEnv('HF_ENDPOINT', standIn.endpoint);
  vi.stubEnv('HF_TOKEN', 'hf_of_the_test');
  host = new EngineHost({
    home,
    spawn,
    face: 'browser',
  });
});
afterAll(async () => {
  await host.close();
  await standIn[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  const [near, far] = portPair();
  host.connect(far);
  events.length = 0;
  client = new ContractClient<PageCalls>(near, pageCalls, (event) => events.push(event as AppEvent));
});
afterEach(() => client.close());

const start = (params: unknown): Promise<JobRecord> => client.call('jobs.start', { call: 'models.pull', params });

const records = (id: string): JobRecord[] =>
  events.flatMap((event) => (event.type === 'job' && event.job.id === id ? [event.job] : []));

function over(id: string): Promise<JobRecord> {
  return vi.waitUntil(() => records(id).find(({ ended }) => ended !== undefined), { timeout: 25_000 });
}

test('a download is planned, stopped, left, gone on with, and then a model with its source', async () => {
  const plan = await client.call('models.planPull', { repo, name: 'scenes' });
  expect(plan).toMatchObject({ repo, name: 'scenes', kind: 't5', present: 0 });
  expect(plan.bytes).toBe(plan.files.reduce((sum, { size }) => sum + size, 0));

  const hung = Promise.withResolvers<void>();
  standIn.misbehave(WEIGHTS, behaviours.hang(4_000_000, hung.resolve));
  const { id } = await start({ repo, name: 'scenes' });
  await vi.waitUntil(() => (records(id).at(-1)?.progress?.done ?? 0) >= 4_000_000, { timeout: 25_000 });
  expect(records(id).at(-1)).toMatchObject({
    title: 'Download scenes',
    model: 'scenes',
    progress: {
      task: 'Downloading',
      total: plan.bytes,
      unit: 'bytes',
      note: expect.stringContaining(`${WEIGHTS}, file 2 of`),
    },
  });
  expect((await client.call('models.downloads', {})).downloads).toMatchObject([{ name: 'scenes', active: true }]);
  await expect(client.call('models.discard', { model: 'scenes' })).rejects.toMatchObject({ code: 'bad-input' });
  // A plan is answered meanwhile, by the very process that downloads.
  expect((await client.call('models.planPull', { repo, name: 'other' })).commit).toBe(plan.commit);
  await client.call('jobs.cancel', { job: id });
  expect(await over(id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  expect(events).toContainEqual({ type: 'changed', what: 'models' });

  const { downloads } = await client.call('models.downloads', {});
  expect(downloads).toMatchObject([{ name: 'scenes', repo, requested: { repo }, active: false, bytes: plan.bytes }]);
  expect(downloads[0]!.present).toBeGreaterThanOrEqual(4_000_000);
  const again = await start({ ...downloads[0]!.requested, name: 'scenes' });
  expect(await over(again.id)).toMatchObject({
    state: 'done',
    result: { name: 'scenes', source: { repo, commit: plan.commit } },
  });
  expect(standIn.ranges(WEIGHTS).at(-1)).toMatch(/^bytes=\d{7}-$/);
  expect((await client.call('models.show', { model: 'scenes' })).source).toMatchObject({ repo });
  expect((await client.call('models.downloads', {})).downloads).toEqual([]);
});

test('a process that is killed in the middle leaves a download that can be gone on with or discarded', async () => {
  const hung = Promise.withResolvers<void>();
  standIn.misbehave(WEIGHTS, behaviours.hang(1000, hung.resolve));
  const { id } = await start({ repo, name: 'killed' });
  await vi.waitUntil(() => (records(id).at(-1)?.progress?.note ?? '').startsWith(WEIGHTS), { timeout: 25_000 });
  await hung.promise;
  process.kill(processes.get('net')!.processId!, 'SIGKILL');
  expect(await over(id)).toMatchObject({ state: 'interrupted' });
  expect((await client.call('models.downloads', {})).downloads).toMatchObject([{ name: 'killed', active: false }]);
  await client.call('models.discard', { model: 'killed' });
  expect((await client.call('models.downloads', {})).downloads).toEqual([]);
  expect(readdirSync(join(home, 'models')).filter((name) => name !== 'scenes')).toEqual(['.downloads']);
});

test('nonsense is refused at once, a failure comes back as it is, and nothing tells the token', async () => {
  await expect(start({ repo: 'https://me:hf_secret@example.com/a/b' })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(start({ repo: 7 })).rejects.toMatchObject({ code: 'bad-input' });
  standIn.neededToken = 'another';
  const { id } = await start({ repo, name: 'gated' });
  expect(await over(id)).toMatchObject({ state: 'failed', error: { code: 'no-access' } });
  expect(standIn.requests.at(-1)?.authorization).toBe('Bearer hf_of_the_test');
  expect(JSON.stringify([events, await client.call('jobs.list', {})])).not.toMatch(/hf_of_the_test|hf_secret/);
});
