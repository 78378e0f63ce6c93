/** The hub's token through a whole life of a home: it stands in no file, no output and no process that has no need of it. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { type PageCalls, pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { pullModel } from '../../engine/weights/hub/pull.ts';
import { deviceTrial } from '../../main/host/device-trial.ts';
import { EngineHost } from '../../main/host/engine-host.ts';
import { forkChild } from '../../main/host/fork-child.ts';
import { forkEngine } from '../../main/host/fork-engine.ts';
import { openHome } from '../../main/host/home.ts';
import type { OwnProcess } from '../../main/host/own-process.ts';
import { dept } from '../cli/fake-host.ts';
import { portPair } from '../contract/port-pair.ts';
import { fillHome, settings } from '../service/small-home.ts';
import { hubAt } from '../weights/hub/hub.ts';
import { type Behaviour, behaviours, filesOf, StandIn } from '../weights/hub/stand-in.ts';

const TOKEN = 'hf_RecognisableTokenOfTheTest';
const WEIGHTS = 'model.safetensors';
const folder = mkdtempSync(join(tmpdir(), 'dept-secrets-'));
const home = join(folder, 'home');
const golden = filesOf(join(import.meta.dirname, '..', 'golden', 't5-tiny'), { 'tokenizer.json': '{}' });

/** All that a person, a page or a log gets to see. */
const outputs: string[] = [];
const processes = new Map<string, OwnProcess>();
const ended: JobRecord[] = [];
let standIn: StandIn;
let host: EngineHost;
let client: ContractClient<PageCalls>;

beforeAll(async () => {
  standIn = await StandIn.start();
  standIn.add('me/tiny', golden);
  standIn.neededToken = TOKEN;
  vi.stubEnv('HF_ENDPOINT', standIn.endpoint);
  vi.stubEnv('HF_TOKEN', TOKEN);
  await fillHome(home);
  const fork = forkEngine((text) => outputs.push(text));
  const spawn: typeof fork = (lane, place) => {
    const process = fork(lane, place);
    processes.set(lane, process);
    return process;
  };
  host = new EngineHost({ home, spawn, face: 'browser', tell: (sentence) => outputs.push(sentence) });
  const [near, far] = portPair();
  host.connect(far);
  client = new ContractClient<PageCalls>(near, pageCalls, (event) => {
    outputs.push(JSON.stringify(event));
    const { type, job } = event as { type: string; job: JobRecord };
    if (type === 'job' && job.ended !== undefined) ended.push(job);
  });
});
afterAll(async () => {
  client.close();
  await host.close();
  await standIn[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** An error with everything that could be written of it: for people, for programs, and the stacks of its causes. */
function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const record = error instanceof DeptError ? `${error.describe()} ${JSON.stringify(error.toRecord())}` : error.message;
  return [record, error.stack, JSON.stringify(error), inFull(error.cause)].join('\n');
}

const { status, redirect, cut, short, hang, ...always } = behaviours;
const many = (behaviour: Behaviour): Behaviour[] => Array.from({ length: 20 }, () => behaviour);

test.each<[string, Behaviour]>([
  ['401', status(401)],
  ['403', status(403)],
  ['404', status(404)],
  ['418', status(418)],
  ['429 for an hour', status(429, { 'retry-after': '3600' })],
  ['500', status(500)],
  ['a cut connection', cut(0)],
  ['one wrong bit', always.corrupt],
  ['too long', always.long],
  ['another part', always.wrongPart],
  ['a plain address elsewhere', redirect('http://192.0.2.1/x')],
  ['an address that is none', redirect('http://')],
])('a download that fails by %s keeps the token to itself', async (_what, behaviour) => {
  standIn.misbehave(WEIGHTS, ...many(behaviour));
  const hooks = { signal: new AbortController().signal, progress: () => {} };
  const name = `failed-${outputs.length}`;
  const pulled = pullModel(hubAt(standIn, { token: TOKEN }), home, { repo: 'me/tiny', name }, hooks);
  const error = await pulled.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DeptError);
  outputs.push(inFull(error));
});

test('another origin, and whatever it leads to, is not told the token', async () => {
  const elsewhere = await StandIn.start();
  standIn.misbehave(WEIGHTS, redirect(`${elsewhere.endpoint}/x`), redirect(`${standIn.cdn}/x`));
  const hooks = { signal: new AbortController().signal, progress: () => {} };
  const pull = () => pullModel(hubAt(standIn, { token: TOKEN }), home, { repo: 'me/tiny', name: 'led' }, hooks);
  for (let times = 0; times < 2; times += 1) outputs.push(inFull(await pull().catch((error: unknown) => error)));
  await pull();
  const foreign = [...elsewhere.requests, ...standIn.requests.filter(({ server }) => server === 'cdn')];
  expect(foreign.length).toBeGreaterThan(2);
  expect(foreign.map(({ authorization }) => authorization).filter(Boolean)).toEqual([]);
  expect(standIn.requests.some(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
  await elsewhere[Symbol.asyncDispose]();
});

async function job(call: string, params: unknown): Promise<JobRecord> {
  const { id } = await client.call('jobs.start', { call, params } as never);
  return vi.waitUntil(() => ended.find((record) => record.id === id), { timeout: 25_000 });
}

test('jobs of the app: what fails, trains, evaluates, exports', async () => {
  standIn.misbehave(WEIGHTS, status(403));
  expect(await job('models.pull', { repo: 'me/tiny', name: 'refused' })).toMatchObject({ state: 'failed' });
  expect(await job('models.pull', { repo: 'me/tiny', name: 'pulled' })).toMatchObject({ state: 'done' });
  const { run, state } = await job('train', { config: { ...settings, task: 'vqa' } });
  expect(state).toBe('done');
  expect(await job('evaluate', { run, limit: 4 })).toMatchObject({ state: 'done' });
  expect(await job('export', { run, checkpoint: 'best', format: 'onnx' })).toMatchObject({ state: 'done' });
  outputs.push(JSON.stringify([await client.call('jobs.list', {}), await client.call('app.info', {})]));
  expect([...processes.keys()]).toEqual(expect.arrayContaining(['net', 'work']));
});

test('commands: a refusal, a success, each as text and as JSON', async () => {
  const environment = { HF_ENDPOINT: standIn.endpoint, HF_TOKEN: TOKEN };
  for (const args of [
    ['models', 'pull', 'me/nothing'],
    ['models', 'pull', 'me/tiny', '--name', 'by-command'],
    ['models', 'show', 'by-command'],
    ['models', 'list', '--json'],
    ['models', 'pull', 'me/tiny', '--name', 'by-command', '--json'],
    ['runs', 'list', '--json'],
  ]) {
    const { stdout, stderr } = await dept(args, { home, environment });
    expect(stdout + stderr).not.toBe('');
    outputs.push(stdout, stderr);
  }
});

/** As the kernel has it: what a process was started with. */
const environmentOf = (processId: number): string => readFileSync(`/proc/${processId}/environ`, 'latin1');

test.skipIf(process.platform !== 'linux')('only the process that downloads has it in its environment (Linux)', () => {
  const having = [...processes].filter(([, { processId }]) => environmentOf(processId!).includes(TOKEN));
  expect(having.map(([lane]) => lane)).toEqual(['net']);
});

test('the trial of a device is started without it', async () => {
  const script = join(import.meta.dirname, 'told-environment.ts');
  const trial = deviceTrial((device) => forkChild(script, [device], () => {}));
  expect(await trial('cpu')).toEqual({ failed: 'no token' });
});

test('no file of the home and no output holds it', () => {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => path.includes(TOKEN) || readFileSync(path).includes(TOKEN));
  expect(holding).toEqual([]);
  const kinds = files.map(({ name }) => name);
  expect(kinds).toEqual(
    expect.arrayContaining(['run.json', 'log.jsonl', 'items.sqlite', 'download.json', 'dept-source.json']),
  );
  expect(outputs.length).toBeGreaterThan(30);
  expect(outputs.filter((text) => text.includes(TOKEN))).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
  'all that such a life leaves in a home is known as ours, and closed to others (POSIX)',
  () => {
    chmodSync(home, 0o777);
    const told: string[] = [];
    openHome(home, (sentence) => told.push(sentence));
    expect([told, statSync(home).mode & 0o777]).toEqual([[], 0o700]);
  },
);
