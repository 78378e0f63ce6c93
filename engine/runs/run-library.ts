/** All runs of a home folder, `<home>/runs/<id>/`: make, list, open and remove them. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { writeJsonAtomic } from '../common/files.ts';
import { listFolders, removeFolderAtomic, removeLeftovers, writeFolderAtomic } from '../common/folders.ts';
import { nearest } from '../common/nearest.ts';
import type { CheckpointMark } from './checkpoints.ts';
import { RunFolder } from './run-folder.ts';
import type { RunRecord, RunState } from './run-record.ts';

export interface NewRun {
  /** What the id shows, such as 'vqa-dept'. */
  readonly label: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly parameters?: RunRecord['parameters'];
}

export interface RunSummary {
  readonly id: string;
  readonly folder: string;
  readonly record: RunRecord;
  readonly state: RunState;
  readonly last: CheckpointMark | undefined;
  readonly best: CheckpointMark | undefined;
}

export interface RunList {
  /** Oldest first. */
  readonly runs: readonly RunSummary[];
  /** Folders that are there but cannot be read, with the reason. */
  readonly broken: readonly { readonly name: string; readonly error: DeptError }[];
}

export function runsFolder(home: string): string {
  return join(home, 'runs');
}

/** Such as `20261123-1412-vqa-dept-ab12`: UTC minute, label, four random digits. Sorts by time. */
export function newRunId(label: string, now: Date): string {
  const minute = now.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return [minute, slug.slice(0, 60), randomBytes(2).toString('hex')].filter((part) => part !== '').join('-');
}

/** Makes a run's folder, with status `created`. */
export function createRun(home: string, { label, ...content }: NewRun): RunFolder {
  const parent = runsFolder(home);
  removeLeftovers(parent);
  const now = new Date();
  let id = newRunId(label, now);
  while (existsSync(join(parent, id))) id = newRunId(label, now);
  const record: RunRecord = { id, created: now.toISOString(), status: 'created', ...content };
  writeFolderAtomic(join(parent, id), (temporary) => writeJsonAtomic(join(temporary, 'run.json'), record));
  return new RunFolder(join(parent, id));
}

function summarise(folder: string): RunSummary {
  const run = new RunFolder(folder);
  const record = run.record();
  const last = run.checkpoints.last();
  return { id: run.id, folder, record, state: run.state(), last, best: run.checkpoints.best() };
}

/** Every run with how it stands. One that cannot be read does not hide the others. */
export function listRuns(home: string): RunList {
  const runs: RunSummary[] = [];
  const broken: { name: string; error: DeptError }[] = [];
  for (const name of listFolders(runsFolder(home))) {
    try {
      runs.push(summarise(join(runsFolder(home), name)));
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ name, error });
    }
  }
  runs.sort((a, b) => a.record.created.localeCompare(b.record.created)); // ids know the minute only
  return { runs, broken };
}

/** The run with this id, or the only one whose id begins so. Throws `not-found`, or `bad-input` where several do. */
export function openRun(home: string, idOrPrefix: string): RunFolder {
  const ids = listFolders(runsFolder(home));
  const matches = ids.includes(idOrPrefix)
    ? [idOrPrefix]
    : ids.filter((id) => idOrPrefix !== '' && id.startsWith(idOrPrefix));
  if (matches.length > 1) {
    throw new DeptError('bad-input', `Several runs begin with '${idOrPrefix}'`, {
      expected: 'the beginning of one run id',
      got: matches.join(', '),
      remedy: 'Give more of the id.',
    });
  }
  if (matches.length === 1) return new RunFolder(join(runsFolder(home), matches[0]!));
  const meant = nearest(idOrPrefix, ids);
  throw new DeptError('not-found', `There is no run '${idOrPrefix}'`, {
    expected: ids.length === 0 ? 'a run (there are none yet)' : `one of ${ids.slice(-10).join(', ')}`,
    ...(meant === undefined ? {} : { remedy: `Use '${meant}'.` }),
  });
}

/** Removes a run for good. Throws as `openRun`, and `bad-input` while it is being trained. */
export function removeRun(home: string, idOrPrefix: string): void {
  const run = openRun(home, idOrPrefix);
  const holder = run.holder();
  if (holder !== undefined) {
    throw new DeptError('bad-input', `Run '${run.id}' is being trained`, {
      path: run.folder,
      got: `running in process ${holder.processId}`,
      remedy: 'Stop it first.',
    });
  }
  removeFolderAtomic(run.folder);
}
