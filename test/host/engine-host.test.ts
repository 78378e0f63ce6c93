/** The host with real engine processes: jobs over their ports, a killed engine, two pages, another home. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PageCalls, pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { EngineHost } from '../../main/host/engine-host.ts';
import { portPair } from '../contract/port-pair.ts';
import { fillHome, recipe, settings } from '../service/small-home.ts';
import { recordedEngine } from './recorded-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'dept-host-'));
const home = join(folder, 'home');
const { spawn, processes } = recordedEngine();
let host: EngineHost;

beforeAll(async () => {
  await fillHome(home);
  host = new EngineHost({
    home,
    spawn,
    face: 'browser',
    rememberHome: () => {},
  });
});

afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

function openPage() {
  const [near, far] = portPair();
  host.connect(far);
  const events: AppEvent[] = [];
  const client = new ContractClient<PageCalls>(near, pageCalls, (event) => events.push(event as AppEvent));
  const job = (id: string): JobRecord | undefined =>
    events.flatMap((event) => (event.type === 'job' && event.job.id === id ? [event.job] : [])).at(-1);
  return { client, events, job, close: () => near.close() };
}

const config = (changes: object = {}): Record<string, unknown> => ({ ...settings, task: 'vqa', ...changes });
/** Long enough to be met in the middle. */
const long = config({ steps: 5000, evaluation: { ...settings.evaluation, every: 5000 }, checkpoint: { every: 5 } });

async function over(page: ReturnType<typeof openPage>, id: string): Promise<JobRecord> {
  return vi.waitUntil(
    () => {
      const job = page.job(id);
      return job?.ended === undefined ? false : job;
    },
    { timeout: 25_000 },
  );
}

async function running(page: ReturnType<typeof openPage>, id: string, step: number): Promise<string> {
  return vi.waitUntil(
    () => {
      const job = page.job(id);
      return job?.run !== undefined && (job.progress?.done ?? 0) >= step && job.run;
    },
    { timeout: 25_000 },
  );
}

test('a job trains, every page hears of it, and its run can be read', async () => {
  const [page, other] = [openPage(), openPage()];
  const { id } = await page.client.call('jobs.start', { call: 'train', params: { config: config() } });
  const job = await over(other, id);
  expect(job).toMatchObject({ state: 'done', title: 'Train on small', dataset: 'small', result: { step: 8 } });
  const { runs } = await other.client.call('runs.list', {});
  expect(runs[0]).toMatchObject({ id: job.run, state: 'finished', step: 8 });
  const series = await page.client.call('runs.series', { run: job.run! });
  expect(series.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(page.events.some((event) => event.type === 'changed' && event.what === 'runs' && event.name === job.run)).toBe(
    true,
  );
});

test('a page that comes later finds the jobs; one that went changes nothing', async () => {
  const first = openPage();
  const { id } = await first.client.call('jobs.start', { call: 'train', params: { config: config() } });
  await running(first, id, 1);
  first.close();
  const second = openPage();
  const jobs = await second.client.call('jobs.list', {});
  expect(jobs.find((job) => job.id === id)).toMatchObject({ call: 'train' });
  await vi.waitUntil(
    async () => (await second.client.call('jobs.list', {})).find((job) => job.id === id)?.state === 'done',
    {
      timeout: 25_000,
      interval: 100,
    },
  );
});

describe('an engine that is killed in the middle', () => {
  test('loses nothing: the job says so, the run is interrupted, and goes on when asked', async () => {
    const page = openPage();
    const { id } = await page.client.call('jobs.start', { call: 'train', params: { config: long } });
    const run = await running(page, id, 7);
    process.kill(processes.get('work')!.processId!, 'SIGKILL');
    const job = await over(page, id);
    expect(job).toMatchObject({ state: 'interrupted', run, error: { code: 'interrupted' } });
    expect(job.error!.message).toContain('killed by SIGKILL');
    expect(page.events).toContainEqual({ type: 'engine', lane: 'work', state: 'lost', reason: 'killed by SIGKILL' });
    const interrupted = await page.client.call('runs.show', { run });
    expect(interrupted.state).toBe('interrupted');
    const saved = Math.max(...interrupted.checkpoints.map(({ step }) => step));
    expect(saved).toBeGreaterThanOrEqual(5);

    const again = await page.client.call('jobs.start', { call: 'resume', params: { run } });
    await vi.waitUntil(() => (page.job(again.id)?.progress?.done ?? 0) > saved, { timeout: 25_000 });
    await page.client.call('jobs.cancel', { job: again.id });
    const stopped = await over(page, again.id);
    expect(stopped).toMatchObject({ state: 'done', result: { run, status: 'stopped' } });
    expect((await page.client.call('runs.show', { run })).state).toBe('stopped');
  });

  test('the library answers again after its own loss', async () => {
    const page = openPage();
    await page.client.call('models.list', {});
    process.kill(processes.get('library')!.processId!, 'SIGKILL');
    await vi.waitUntil(() => page.events.some((event) => event.type === 'engine' && event.state === 'lost'));
    expect((await page.client.call('models.list', {})).models.length).toBeGreaterThan(0);
  });
});

test('while a run trains, reads are answered between two of its steps', async () => {
  const page = openPage();
  const { id } = await page.client.call('jobs.start', { call: 'train', params: { config: long } });
  await running(page, id, 2);
  const steps = (): number => page.job(id)!.progress!.done;
  const before = steps();
  await Promise.all([
    page.client.call('datasets.browse', { dataset: 'small', text: 'red' }),
    page.client.call('runs.list', {}),
    page.client.call('models.list', {}),
  ]);
  expect(steps()).toBeGreaterThanOrEqual(before);
  await page.client.call('jobs.pause', { job: id, paused: true });
  await page.client.call('jobs.cancel', { job: id });
  expect(await over(page, id)).toMatchObject({ state: 'done', result: { status: 'stopped' } });
});

test('wrong params and failures come back as they are', async () => {
  const page = openPage();
  const start = (params: unknown) => page.client.call('jobs.start', { call: 'train', params });
  await expect(start({ config: 7 })).rejects.toMatchObject({ code: 'bad-input', details: { path: 'train.config' } });
  const { id } = await start({ config: config({ method: { name: 'dept', rnk: 3 } }) });
  expect(await over(page, id)).toMatchObject({
    state: 'failed',
    error: { code: 'bad-config', path: 'method.rnk', remedy: 'did you mean method.rank?' },
  });
});

test('settings are kept and told to all pages', async () => {
  const [page, other] = [openPage(), openPage()];
  expect(await page.client.call('settings.get', {})).toEqual({ theme: 'system', threads: null, device: 'cpu' });
  await page.client.call('settings.set', { theme: 'dark' });
  await vi.waitUntil(() => other.events.some((event) => event.type === 'settings' && event.settings.theme === 'dark'));
  expect(await other.client.call('settings.get', {})).toMatchObject({ theme: 'dark' });
});

test('what settings.json holds beside settings is told at the start, and to pages', async () => {
  const own = join(folder, 'mistyped');
  mkdirSync(own, { mode: 0o700 });
  writeFileSync(join(own, 'settings.json'), '{"thraeds":2}');
  const told: string[] = [];
  const started = new EngineHost({ home: own, spawn, face: 'browser', tell: (sentence) => told.push(sentence) });
  const [near, far] = portPair();
  started.connect(far);
  const { unknownSettings } = await new ContractClient<PageCalls>(near, pageCalls).call('app.info', {});
  await started.close();
  expect(unknownSettings).toContain('"thraeds" (did you mean threads?)');
  expect(told).toEqual([unknownSettings]);
});

test('thumbnails are made once for all pages, hold up nobody, and go with their dataset', async () => {
  const [page, other] = [openPage(), openPage()];
  await ensureSampleDataset(home, { ...recipe, name: 'many', splits: { train: 400, val: 50, test: 50 } }, {});
  const order = { call: 'datasets.thumbnails', params: { dataset: 'many' } } as const;
  const [first, second] = await Promise.all([
    page.client.call('jobs.start', order),
    other.client.call('jobs.start', order),
  ]);
  expect(second.id).toBe(first.id);
  await vi.waitUntil(() => (page.job(first.id)?.progress?.done ?? 0) > 0, { timeout: 25_000 });
  expect(getPriority(processes.get('pictures')!.processId)).toBeGreaterThan(0);
  expect(host.activeJobs()).toEqual([]);
  await page.client.call('datasets.remove', { dataset: 'many' });
  expect(page.job(first.id)).toMatchObject({ state: 'cancelled' });
  expect(existsSync(join(home, 'datasets/many'))).toBe(false);
});

test('another home is made ready and shown; while something runs it is refused', async () => {
  const page = openPage();
  const { id } = await page.client.call('jobs.start', { call: 'train', params: { config: long } });
  await running(page, id, 1);
  await expect(page.client.call('app.setHome', { home: join(folder, 'other') })).rejects.toMatchObject({
    code: 'bad-input',
  });
  await page.client.call('jobs.cancel', { job: id });
  await over(page, id);
  await expect(page.client.call('app.setHome', { home: 'relative' })).rejects.toMatchObject({ code: 'bad-input' });
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'settings.json'), '{"theme":');
  await expect(page.client.call('app.setHome', { home: broken })).rejects.toMatchObject({ code: 'bad-file' });
  expect((await page.client.call('app.info', {})).home).toBe(home);
  expect((await page.client.call('app.setHome', { home: join(folder, 'other') })).home).toBe(join(folder, 'other'));
  expect((await page.client.call('runs.list', {})).runs).toEqual([]);
  const [sample] = await page.client.call('jobs.list', {});
  expect(sample).toMatchObject({ call: 'datasets.sample' });
  await page.client.call('jobs.cancel', { job: sample!.id });
  await over(page, sample!.id);
  await page.client.call('app.setHome', { home });
  expect((await page.client.call('runs.list', {})).runs.length).toBeGreaterThan(0);
});
