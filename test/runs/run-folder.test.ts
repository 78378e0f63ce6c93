import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import type { ProcessMark } from '../../engine/common/process.ts';
import type { RunFolder } from '../../engine/runs/run-folder.ts';
import { createRun, listRuns, newRunId, openRun, removeRun } from '../../engine/runs/run-library.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-runs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const content = { config: { task: 'vqa' }, fingerprints: { language: 'ab' }, versions: { node: '24' } };
const create = (label = 'vqa-dept'): RunFolder => createRun(home, { label, ...content });
/** No process has an id this large. */
const GONE = 2 ** 31 - 2;

/** Saves checkpoints that hold their own step. */
function save(run: RunFolder, ...steps: number[]): void {
  for (const step of steps) run.checkpoints.write(step, (folder) => writeFileSync(join(folder, 'step'), String(step)));
}

function setRecord(run: RunFolder, changes: object): void {
  writeFileSync(join(run.folder, 'run.json'), JSON.stringify({ ...run.record(), ...changes }));
}

/** As if this process had begun to train the run. */
function setHolder(run: RunFolder, mark: ProcessMark): void {
  mkdirSync(join(run.folder, 'lock'), { recursive: true });
  writeFileSync(join(run.folder, 'lock', 'holder.json'), JSON.stringify(mark));
}

const refused = (code: string) => expect.objectContaining({ code });

describe('the record', () => {
  test('a new run holds what it was made from', () => {
    const run = create();
    expect(run.record()).toMatchObject({ id: run.id, status: 'created', ...content });
    expect(run.state()).toBe('created');
    expect(readdirSync(join(home, 'runs'))).toEqual([run.id]);
  });

  test('ids sort by time and are safe as folder names', () => {
    const id = newRunId('VQA / DePT!', new Date('2026-11-23T14:12:59Z'));
    expect(id).toMatch(/^20261123-1412-vqa-dept-[0-9a-f]{4}$/);
    expect(newRunId('', new Date('2026-11-23T14:12:59Z'))).toMatch(/^20261123-1412-[0-9a-f]{4}$/);
  });

  test('statuses, and what the dead leave behind', () => {
    const run = create();
    run.start();
    expect(run.state()).toBe('running');
    run.finish('stopped');
    expect(run.holder()).toBeUndefined();
    run.start();
    run.fail(new DeptError('runtime-failed', 'out of memory').toRecord());
    expect(run.record()).toMatchObject({
      status: 'failed',
      error: { code: 'runtime-failed', message: 'out of memory' },
    });
    run.start();
    expect(run.record().error).toBeUndefined();
    setHolder(run, { processId: GONE, started: Date.now() });
    expect(run.state()).toBe('interrupted');
    run.finish('finished');
    expect(run.state()).toBe('finished');
  });

  test('two processes cannot train one run, nor remove it from under the other', () => {
    const run = create();
    setHolder(run, { processId: process.ppid, started: Date.now() });
    const details = { got: `running in process ${process.ppid}` };
    expect(() => run.start()).toThrow(
      expect.objectContaining({ code: 'bad-input', details: expect.objectContaining(details) }),
    );
    expect(() => run.prepareResume()).toThrow(refused('bad-input'));
    expect(() => removeRun(home, run.id)).toThrow(refused('bad-input'));
  });

  test('one that this process let go of, whatever its record says, goes on', () => {
    const run = create();
    run.start();
    expect(() => openRun(home, run.id).start()).toThrow(refused('bad-input'));
    run[Symbol.dispose]();
    expect(run.state()).toBe('interrupted');
    openRun(home, run.id).start();
  });

  test('fields of a newer program survive an update', () => {
    const run = create();
    setRecord(run, { note: 'keep me' });
    run.start();
    expect(run.record()).toMatchObject({ note: 'keep me', status: 'running' });
  });
});

describe('lines', () => {
  test('are appended, read, and read on from where the last read ended', () => {
    const run = create();
    expect(run.read('metrics')).toEqual({ values: [], next: 0 });
    run.appendMetrics({ step: 1, loss: 2.5 });
    run.appendMetrics({ step: 2, loss: Number.NaN });
    const first = run.read('metrics');
    expect(first.values).toEqual([
      { step: 1, loss: 2.5 },
      { step: 2, loss: null },
    ]);
    run.appendMetrics({ step: 3, note: 'größer\n' });
    appendFileSync(join(run.folder, 'metrics.jsonl'), '{"step":4,"lo');
    const second = run.read('metrics', first.next);
    expect(second.values).toEqual([{ step: 3, note: 'größer\n' }]);
    appendFileSync(join(run.folder, 'metrics.jsonl'), 'ss":1}\n');
    expect(run.read('metrics', second.next).values).toEqual([{ step: 4, loss: 1 }]);
    run.appendLog('warning', 'slow');
    expect(run.read('log').values).toMatchObject([{ level: 'warning', message: 'slow' }]);
  });

  test('a damaged line is an error when read and is dropped when truncated', () => {
    const run = create();
    const path = join(run.folder, 'metrics.jsonl');
    writeFileSync(path, '{"step":1}\n\0\0\0\n{"step":2}\n[]\n{"step":3}\n{"step":2');
    expect(() => run.read('metrics')).toThrow(refused('bad-file'));
    run.truncateMetrics(2);
    expect(readFileSync(path, 'utf8')).toBe('{"step":1}\n{"step":2}\n');
  });

  test('samples are truncated alike; the log keeps its history', () => {
    const run = create();
    for (const step of [1, 2, 3]) {
      run.appendSample({ step });
      run.appendLog('info', `step ${step}`);
    }
    appendFileSync(join(run.folder, 'log.jsonl'), '{"time"');
    run.truncateMetrics(1);
    run.appendLog('info', 'resumed');
    expect(run.read('samples').values).toEqual([{ step: 1 }]);
    expect(run.read('log').values).toHaveLength(4);
  });
});

describe('checkpoints', () => {
  test('are written, marked, found and pruned', () => {
    const { checkpoints } = create();
    expect(checkpoints.last()).toBeUndefined();
    expect(() => checkpoints.find('last')).toThrow(refused('not-found'));
    const folder = (step: number): string => checkpoints.folder(step);
    for (const step of [5, 10, 100, 200]) {
      checkpoints.write(step, (temporary) => writeFileSync(join(temporary, 'step'), String(step)), {
        name: 'accuracy',
        value: step / 2,
      });
      expect(checkpoints.last()).toEqual({ step, metric: { name: 'accuracy', value: step / 2 } });
    }
    checkpoints.markBest(10, { name: 'accuracy', value: 5 });
    expect(checkpoints.steps()).toEqual([5, 10, 100, 200]);
    expect(checkpoints.find('best')).toEqual({ step: 10, folder: folder(10) });
    expect(checkpoints.find('last').step).toBe(200);
    expect(readFileSync(join(checkpoints.find(5).folder, 'step'), 'utf8')).toBe('5');
    expect(() => checkpoints.find(7)).toThrow(refused('not-found'));
    expect(() => checkpoints.markBest(7)).toThrow(refused('not-found'));
    checkpoints.prune([100]);
    expect(checkpoints.steps()).toEqual([10, 100, 200]);
    checkpoints.prune([]);
    expect(checkpoints.steps()).toEqual([10, 200]);
  });

  test('one that fails half-way leaves the one before as the last', () => {
    const run = create();
    save(run, 1);
    const failing = (): void =>
      run.checkpoints.write(2, (folder) => {
        writeFileSync(join(folder, 'half'), '');
        throw new Error('no space');
      });
    expect(failing).toThrow('no space');
    expect(run.checkpoints.last()?.step).toBe(1);
    expect(readdirSync(join(run.folder, 'checkpoints'))).toEqual(['1']);
  });

  test('saving a step a second time keeps the first', () => {
    const run = create();
    save(run, 1);
    run.checkpoints.write(1, () => expect.unreachable());
    expect(run.checkpoints.last()?.step).toBe(1);
  });
});

describe('resuming', () => {
  test('forgets all that came after the last checkpoint, leftovers of the dead process too', () => {
    const run = create();
    save(run, 10, 20);
    run.checkpoints.markBest(20);
    save(run, 30);
    writeFileSync(join(run.folder, 'last.json'), '{"step":20}'); // killed before 30 became the last
    for (const step of [10, 20, 21]) run.appendMetrics({ step });
    writeFileSync(join(run.folder, `last.json.${GONE}.tmp`), '{');
    mkdirSync(join(run.folder, 'checkpoints', `40.${GONE}.tmp`));
    setRecord(run, { status: 'running' });
    setHolder(run, { processId: GONE, started: 0 });

    expect(run.prepareResume()).toBe(20);
    expect(run.checkpoints.steps()).toEqual([10, 20]);
    expect(run.checkpoints.best()?.step).toBe(20);
    expect(run.read('metrics').values).toEqual([{ step: 10 }, { step: 20 }]);
    expect(readdirSync(join(run.folder, 'checkpoints')).sort()).toEqual(['10', '20']);
    expect(existsSync(join(run.folder, `last.json.${GONE}.tmp`))).toBe(false);
  });

  test('from an earlier checkpoint, or from the start', () => {
    const run = create();
    save(run, 10, 20);
    run.checkpoints.markBest(20);
    for (const step of [5, 10, 20]) run.appendMetrics({ step });
    expect(() => run.prepareResume(15)).toThrow(refused('not-found'));
    expect(run.prepareResume(10)).toBe(10);
    expect(run.checkpoints.last()).toEqual({ step: 10 });
    expect(run.checkpoints.best()).toBeUndefined();
    expect(run.read('metrics').values).toHaveLength(2);
    expect(run.prepareResume(0)).toBe(0);
    expect(run.checkpoints.last()).toBeUndefined();
    expect(run.read('metrics').values).toEqual([]);
    expect(run.prepareResume()).toBe(0);
  });
});

describe('the library of runs', () => {
  test('lists runs oldest first, and broken ones with their reason', () => {
    expect(listRuns(home)).toEqual({ runs: [], broken: [] });
    const run = create();
    save(run, 3);
    mkdirSync(join(home, 'runs', 'empty'));
    mkdirSync(join(home, 'runs', 'torn'));
    writeFileSync(join(home, 'runs', 'torn', 'run.json'), '{"id"');
    mkdirSync(join(home, 'runs', `x.${GONE}.tmp`));
    const { runs, broken } = listRuns(home);
    expect(runs).toEqual([
      { id: run.id, folder: run.folder, record: run.record(), state: 'created', last: { step: 3 }, best: undefined },
    ]);
    expect(broken).toMatchObject([
      { name: 'empty', error: { code: 'not-found' } },
      { name: 'torn', error: { code: 'bad-file' } },
    ]);
  });

  test('opens by id or by the beginning of one', () => {
    const one = create('one');
    const two = create('two');
    expect(openRun(home, one.id).folder).toBe(one.folder);
    expect(openRun(home, two.id.slice(0, -2)).id).toBe(two.id);
    expect(() => openRun(home, one.id.slice(0, 8))).toThrow(refused('bad-input'));
    for (const id of ['', 'none', '..', `${one.id}x`]) expect(() => openRun(home, id)).toThrow(refused('not-found'));
  });

  test('removes a run, even an unreadable one', () => {
    const run = create();
    writeFileSync(join(run.folder, 'run.json'), '');
    removeRun(home, run.id);
    expect(readdirSync(join(home, 'runs'))).toEqual([]);
  });
});
