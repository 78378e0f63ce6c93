/** Pulling a model from a hub that does everything a network and a bad server can do. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HubAccess } from '../../../engine/weights/hub/hub-access.ts';
import { readModelSource } from '../../../engine/weights/hub/model-source.ts';
import { preparePull, pullModel } from '../../../engine/weights/hub/pull.ts';
import type { PullRequest } from '../../../engine/weights/hub/pull-request.ts';
import { discardDownload, listUnfinished } from '../../../engine/weights/hub/unfinished.ts';
import { listModels } from '../../../engine/weights/library.ts';
import { hubAt, STALL_MS } from './hub.ts';
import { behaviours, filesOf, type Repo, StandIn } from './stand-in.ts';

const golden = join(import.meta.dirname, '..', '..', 'golden', 't5-tiny');
const weights = readFileSync(join(golden, 'model.safetensors'));
const WEIGHTS = 'model.safetensors';
const { cut, short, status, redirect, hang, ...always } = behaviours;

let home: string;
let standIn: StandIn;
let repo: Repo;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'dept-pull-'));
  standIn = await StandIn.start();
  const files = {
    'tokenizer.json': '{}',
    'README.md': '# T5',
    'tf_model.h5': 'not wanted',
    'expected.safetensors': '',
  };
  repo = standIn.add('google-t5/t5-tiny', filesOf(golden, files), { licence: 'apache-2.0' });
});
afterEach(async () => {
  await standIn[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

interface Pulling {
  readonly request?: Partial<PullRequest>;
  readonly access?: Partial<HubAccess>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, note: string) => void;
}

function pull({ request, access, signal = new AbortController().signal, onProgress }: Pulling = {}) {
  const hub = hubAt(standIn, access);
  const hooks = { signal, progress: (done: number, _total: number, note: string) => onProgress?.(done, note) };
  return { hub, model: pullModel(hub, home, { repo: 'google-t5/t5-tiny', ...request }, hooks) };
}

const installed = (name = 't5-tiny'): Buffer => readFileSync(join(home, 'models', name, WEIGHTS));
const downloads = (): string[] => readdirSync(join(home, 'models', '.downloads'));

test('the files that are needed, and no others, come into the library; nothing else stays', async () => {
  const seen: number[] = [];
  const model = await pull({ onProgress: (done) => seen.push(done) }).model;
  expect(model).toMatchObject({ name: 't5-tiny', kind: 't5', dtype: 'F32', bundled: false });
  const names = ['README.md', 'config.json', 'dept-source.json', WEIGHTS, 'tokenizer.json'];
  expect(readdirSync(model.folder).sort()).toEqual(names);
  expect(installed().equals(weights)).toBe(true);
  expect(readModelSource(model.folder)).toEqual({
    endpoint: standIn.endpoint,
    repo: 'google-t5/t5-tiny',
    commit: repo.commit,
  });
  expect(downloads()).toEqual([]);
  expect(listModels(home)).toMatchObject({ models: [{ name: 't5-tiny' }], broken: [] });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(model.size - readFileSync(join(model.folder, 'dept-source.json')).length);
  expect(standIn.requests.some(({ path }) => /tf_model|reference/.test(path))).toBe(false);
});

test('a repository that moved is followed, and known by its new name; the library keeps the name that was asked for', async () => {
  standIn.move('t5-old', 'google-t5/t5-tiny');
  const model = await pull({ request: { repo: 't5-old' } }).model;
  expect(model.name).toBe('t5-old');
  expect(readModelSource(model.folder)).toMatchObject({ repo: 'google-t5/t5-tiny' });
});

test('a revision, a name, an address; a name that is taken is refused before anything is asked', async () => {
  await pull({ request: { revision: repo.commit, name: 'mine' } }).model;
  const address = `${standIn.endpoint}/google-t5/t5-tiny/tree/main`;
  expect((await pull({ request: { repo: address } }).model).name).toBe('t5-tiny');
  const asked = standIn.requests.length;
  await expect(pull().model).rejects.toMatchObject({ code: 'already-exists' });
  await expect(pull({ request: { name: '../x' } }).model).rejects.toMatchObject({ code: 'bad-input' });
  expect(standIn.requests).toHaveLength(asked);
  const unknown = pull({ request: { revision: 'v9', name: 'other' } }).model;
  await expect(unknown).rejects.toMatchObject({ code: 'not-found', message: 'The model has no such revision' });
});

describe('a connection that breaks', () => {
  test('is made again from where it broke, as often as bytes come', async () => {
    standIn.misbehave(WEIGHTS, cut(10_000), cut(10_000), cut(10_000), cut(10_000), cut(5000));
    const { hub, model } = pull();
    await model;
    expect(installed().equals(weights)).toBe(true);
    const ranges = standIn.ranges(WEIGHTS);
    expect(ranges[0]).toBe('whole');
    expect(ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range))).toBe(true);
    expect(ranges).toHaveLength(6);
    expect(hub.pauses).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  test('and never brings anything: longer and longer pauses, then the reason; what is there stays', async () => {
    standIn.misbehave(WEIGHTS, cut(20_000), cut(0), cut(0), cut(0), cut(0));
    const { hub, model } = pull();
    await expect(model).rejects.toMatchObject({
      code: 'network-failed',
      details: { path: expect.stringMatching(/\/model\.safetensors$/) },
    });
    expect(hub.pauses).toEqual([1000, 2000, 4000]);
    const [left] = listUnfinished(home);
    expect(left).toMatchObject({ name: 't5-tiny', active: false, requested: { repo: 'google-t5/t5-tiny' } });
    expect(left!.present).toBeGreaterThan(20_000);
    expect(listModels(home).models).toEqual([]);
    await pull().model;
    expect(standIn.ranges(WEIGHTS).at(-1)).toMatch(/^bytes=2\d{4}-$/);
    expect(installed().equals(weights)).toBe(true);
  });

  test('falls silent: given up and made again', async () => {
    const hung = Promise.withResolvers<void>();
    standIn.misbehave(WEIGHTS, hang(3000, hung.resolve));
    let stalls = 0;
    /** Time runs out once, for whoever waits when the server has fallen silent. */
    const wait: HubAccess['wait'] = (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal.addEventListener('abort', reject);
      if (ms !== STALL_MS) resolve();
      void hung.promise.then(() => {
        if (!signal.aborted && stalls === 0) resolve();
        if (!signal.aborted) stalls += 1;
      });
      return promise;
    };
    await pull({ access: { wait } }).model;
    expect(stalls).toBeGreaterThan(0);
    expect(standIn.ranges(WEIGHTS)).toHaveLength(2);
    expect(installed().equals(weights)).toBe(true);
  });

  test('a hub that cannot be reached at all', async () => {
    const endpoint = new URL(standIn.cdn);
    const other = await StandIn.start();
    const gone = new URL(other.endpoint);
    await other[Symbol.asyncDispose]();
    const { hub, model } = pull({ access: { endpoint: gone } });
    await expect(model).rejects.toMatchObject({
      code: 'network-failed',
      details: { got: expect.stringContaining('ECONNREFUSED') },
    });
    expect(hub.pauses).toHaveLength(3);
    await expect(pull({ access: { endpoint } }).model).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a server that is wrong about a file', () => {
  test('knows no ranges: the file comes from its start', async () => {
    standIn.misbehave(WEIGHTS, cut(9000), always.ignoreRange);
    await pull().model;
    expect(installed().equals(weights)).toBe(true);
    expect(standIn.ranges(WEIGHTS)).toHaveLength(2);
  });

  test('sends another part than was asked for', async () => {
    standIn.misbehave(WEIGHTS, cut(9000), always.wrongPart);
    await pull().model;
    expect(standIn.ranges(WEIGHTS).slice(-1)).toEqual(['whole']);
    expect(installed().equals(weights)).toBe(true);
  });

  test('claims that it is shorter, and sends less', async () => {
    standIn.misbehave(WEIGHTS, short(30_000));
    await pull().model;
    expect(standIn.ranges(WEIGHTS)).toEqual(['whole', 'bytes=30000-']);
    expect(installed().equals(weights)).toBe(true);
  });

  test.each([
    ['one wrong bit', always.corrupt],
    ['more than was announced', always.long],
  ])('%s: once more from the start, and an error at the second time', async (_what, wrong) => {
    standIn.misbehave(WEIGHTS, wrong);
    await pull().model;
    expect(standIn.ranges(WEIGHTS)).toEqual(['whole', 'whole']);
    expect(installed().equals(weights)).toBe(true);

    standIn.misbehave(WEIGHTS, wrong, wrong);
    await expect(pull({ request: { name: 'again' } }).model).rejects.toMatchObject({
      code: 'bad-file',
      details: { expected: expect.stringMatching(/48568 bytes with sha256 [0-9a-f]{64}/) },
    });
    const files = readdirSync(join(home, 'models', '.downloads', 'again', 'files')).sort();
    expect(files).toEqual(['config.json']);
    expect(existsSync(join(home, 'models', 'again'))).toBe(false);
  });

  test('a wrong small file is found by its git sha1', async () => {
    standIn.misbehave('tokenizer.json', always.corrupt, always.corrupt);
    await expect(pull().model).rejects.toMatchObject({
      code: 'bad-file',
      details: { expected: expect.stringContaining('git sha1') },
    });
  });

  test('a part that was changed on disk, and one that is too long, begin again', async () => {
    standIn.misbehave(WEIGHTS, cut(20_000), status(500), status(500), status(500), status(500));
    await expect(pull().model).rejects.toMatchObject({ code: 'network-failed' });
    const part = join(home, 'models', '.downloads', 't5-tiny', 'files', `${WEIGHTS}.part`);
    writeFileSync(part, Buffer.alloc(15_000));
    await pull().model;
    expect(standIn.ranges(WEIGHTS).slice(-2)).toEqual(['bytes=15000-', 'whole']);

    standIn.misbehave(WEIGHTS, cut(20_000), status(500), status(500), status(500), status(500));
    await expect(pull({ request: { name: 'b' } }).model).rejects.toMatchObject({ code: 'network-failed' });
    truncateSync(part.replace('t5-tiny', 'b'), 60_000);
    await pull({ request: { name: 'b' } }).model;
    expect(installed('b').equals(weights)).toBe(true);
  });
});

describe('a server that refuses', () => {
  test('for now: waits as long as it says', async () => {
    standIn.misbehave(WEIGHTS, status(429, { 'retry-after': '7' }), status(503, { 'retry-after': '0' }), status(502));
    const { hub, model } = pull();
    await model;
    expect(hub.pauses).toEqual([7000, 2000, 4000]);
  });

  test('for an hour: says so at once', async () => {
    standIn.misbehave(WEIGHTS, status(429, { 'retry-after': '3600' }));
    const { hub, model } = pull();
    await expect(model).rejects.toMatchObject({
      code: 'network-failed',
      details: { got: expect.stringContaining('3600') },
    });
    expect(hub.pauses).toEqual([]);
  });

  test('for want of consent, of a token, of the right one', async () => {
    standIn.neededToken = 'hf_right';
    await expect(pull().model).rejects.toMatchObject({
      code: 'no-access',
      details: { got: 'status 401 (GatedRepo)', remedy: expect.stringContaining('HF_TOKEN') },
    });
    await expect(pull({ access: { token: 'hf_wrong' } }).model).rejects.toMatchObject({ code: 'no-access' });
    await pull({ access: { token: 'hf_right' } }).model;
  });

  test('without a reason', async () => {
    standIn.misbehave(WEIGHTS, status(401));
    await expect(pull().model).rejects.toMatchObject({ code: 'no-access', message: 'The hub gives no access' });
    standIn.misbehave(WEIGHTS, status(418));
    await expect(pull().model).rejects.toMatchObject({ code: 'network-failed' });
  });

  test('an unknown repository', async () => {
    const { hub, model } = pull({ request: { repo: 'nobody/nothing' } });
    await expect(model).rejects.toMatchObject({
      code: 'not-found',
      message: 'The hub has no such model, or it is private',
    });
    expect(hub.pauses).toEqual([]);
  });
});

describe('a server that leads elsewhere', () => {
  test('gets the token at its own address only, and its signed address is not repeated', async () => {
    standIn.neededToken = 'hf_right';
    standIn.misbehave(WEIGHTS, status(404));
    const failed = await pull({ access: { token: 'hf_right' } }).model.catch((error) => error);
    expect(failed.describe()).not.toMatch(/secret|hf_right/);
    await pull({ access: { token: 'hf_right' } }).model;
    const tokens = (server: string) =>
      new Set(
        standIn.requests.filter((request) => request.server === server).map(({ authorization }) => authorization),
      );
    expect(tokens('hub')).toEqual(new Set(['Bearer hf_right']));
    expect(tokens('cdn')).toEqual(new Set([undefined]));
    const kept = ['dept-source.json', 'config.json'].map((file) =>
      readFileSync(join(home, 'models', 't5-tiny', file), 'utf8'),
    );
    expect(kept.join()).not.toContain('hf_right');
  });

  test('round in a circle: an end is made of it', async () => {
    const circle = redirect(`${standIn.endpoint}/google-t5/t5-tiny/resolve/${repo.commit}/tokenizer.json`);
    standIn.misbehave('tokenizer.json', ...Array.from({ length: 20 }, () => circle));
    await expect(pull().model).rejects.toMatchObject({
      code: 'network-failed',
      details: { got: 'more than 8 redirects' },
    });
  });

  test.each(['http://192.0.2.1/x', 'ftp://127.0.0.1/x', 'file:///etc/passwd'])(
    'to %s: not followed',
    async (address) => {
      standIn.misbehave('tokenizer.json', redirect(address));
      await expect(pull().model).rejects.toMatchObject({ code: 'network-failed', details: { expected: 'https' } });
    },
  );

  test('from an encrypted hub to a plain address of this machine: not followed either', async () => {
    const access = { endpoint: new URL('https://127.0.0.1:1') };
    const { request: ask } = await import('../../../engine/weights/hub/request.ts');
    const plain = ask(hubAt(standIn, access), new URL(standIn.endpoint), new AbortController().signal);
    await expect(plain).rejects.toMatchObject({ code: 'network-failed', details: { expected: 'https' } });
  });
});

describe('stopping and going on', () => {
  test('a stop keeps what is there, and the next time goes on from it', async () => {
    const stop = new AbortController();
    const hung = Promise.withResolvers<void>();
    standIn.misbehave(WEIGHTS, hang(12_000, hung.resolve));
    const { model } = pull({
      signal: stop.signal,
      onProgress: (done) => {
        if (done > 12_000) stop.abort();
      },
    });
    await expect(model).rejects.toMatchObject({ code: 'cancelled' });
    const [left] = listUnfinished(home);
    expect(left).toMatchObject({ active: false, bytes: expect.any(Number) });
    const prepared = await preparePull(
      hubAt(standIn),
      home,
      { repo: 'google-t5/t5-tiny' },
      new AbortController().signal,
    );
    expect(prepared.present).toBe(left!.present);
    await pull().model;
    expect(standIn.ranges(WEIGHTS).slice(-1)).toEqual(['bytes=12000-']);
  });

  test('a change on the hub in the meantime mixes nothing: the commit stays', async () => {
    standIn.misbehave(WEIGHTS, cut(20_000), status(500), status(500), status(500), status(500));
    await expect(pull().model).rejects.toMatchObject({ code: 'network-failed' });
    const changed = Buffer.from(weights);
    changed[changed.length - 1]! ^= 1;
    standIn.add('google-t5/t5-tiny', filesOf(golden, { 'tokenizer.json': '{"a":1}', [WEIGHTS]: changed }));
    // The stand-in has only the newest commit: the old one is gone, as after a rewritten history.
    await expect(pull().model).rejects.toMatchObject({ code: 'not-found', message: 'The hub has no such file' });
    discardDownload(home, 't5-tiny');
    await pull().model;
    expect(installed().equals(changed)).toBe(true);
  });

  test('two at once: the second is told so; another model under the same name as well', async () => {
    standIn.add('other/t5-tiny', filesOf(golden, { 'tokenizer.json': '{}' }));
    const stop = new AbortController();
    const hung = Promise.withResolvers<void>();
    standIn.misbehave(WEIGHTS, hang(1000, hung.resolve));
    const first = pull({ signal: stop.signal }).model;
    await hung.promise;
    expect(listUnfinished(home)).toMatchObject([{ active: true }]);
    await expect(pull().model).rejects.toMatchObject({ code: 'bad-input' });
    expect(() => discardDownload(home, 't5-tiny')).toThrow(expect.objectContaining({ code: 'bad-input' }));
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    await expect(pull({ request: { repo: 'other/t5-tiny' } }).model).rejects.toMatchObject({ code: 'already-exists' });
    discardDownload(home, 't5-tiny');
    expect(listUnfinished(home)).toEqual([]);
    expect(() => discardDownload(home, 't5-tiny')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  test('a model that turns out to be unusable stays out of the library', async () => {
    standIn.add('me/broken', filesOf(golden, { 'tokenizer.json': '{}', [WEIGHTS]: 'no safetensors' }));
    await expect(pull({ request: { repo: 'me/broken' } }).model).rejects.toMatchObject({ code: 'bad-file' });
    expect(listModels(home)).toEqual({ models: [], broken: [] });
    expect(listUnfinished(home)).toMatchObject([{ name: 'broken', active: false }]);
  });
});

describe('room on the disk', () => {
  test('is checked before the first byte of a file, with both figures', async () => {
    const { model } = pull({ access: { freeBytes: () => 60_000_000 } });
    await expect(model).rejects.toMatchObject({
      code: 'no-space',
      details: { expected: '65 MB free', got: '60 MB free' },
    });
    expect(standIn.requests.some(({ path }) => path.endsWith(WEIGHTS))).toBe(false);
    expect(existsSync(join(home, 'models', '.downloads'))).toBe(false);
  });

  test('counts what is there already', async () => {
    standIn.misbehave(WEIGHTS, cut(40_000), status(500), status(500), status(500), status(500));
    await expect(pull().model).rejects.toMatchObject({ code: 'network-failed' });
    const { bytes, present } = listUnfinished(home)[0]!;
    const needed = 64e6 + bytes - present;
    await expect(pull({ access: { freeBytes: () => needed - 1 } }).model).rejects.toMatchObject({
      code: 'no-space',
    });
    await pull({ access: { freeBytes: () => needed } }).model;
  });

  test('of this machine', async () => {
    const { hubAccess } = await import('../../../engine/weights/hub/hub-access.ts');
    mkdirSync(join(home, 'models'));
    expect(hubAccess({}).freeBytes(join(home, 'models'))).toBeGreaterThan(0);
  });
});
