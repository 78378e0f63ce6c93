/** The next state of a dataset, built beside the present one and put in its place in one step. */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeError } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { temporaryName, writeJsonAtomic } from '../common/files.ts';
import { removeLeftovers } from '../common/folders.ts';
import { isRunning } from '../common/process.ts';
import { isDamage } from '../common/sqlite.ts';
import {
  type DatasetInfo,
  type DatasetPart,
  INFO_FILE,
  readDatasetInfo,
  refusedFile,
  type SplitCounts,
} from './dataset-info.ts';
import { brokenIndex, IndexReader } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';
import type { Task } from './items.ts';
import { RefusalLog } from './refusals.ts';
import type { Source } from './source.ts';
import { compareSplits } from './splits.ts';

/** What one task gained in one split. */
export interface TakenPart {
  readonly task: Task;
  readonly split: string;
  readonly sources: Set<Source>;
  readonly hash: Hash;
  items: number;
}

/** The files of one import, with the id of its process, which alone knows them until `dataset.json` names them. */
const OF_IMPORT = /^(?:index|refused)-[0-9a-f]{12}\.(\d+)\.(?:sqlite|jsonl)$/;

export class DatasetDraft {
  readonly name: string;
  readonly previous: DatasetInfo | undefined;
  readonly writer: IndexWriter;
  readonly refusals: RefusalLog;
  readonly #folder: string;
  readonly #own = `${randomBytes(6).toString('hex')}.${process.pid}`;
  readonly #index = `index-${this.#own}.sqlite`;
  readonly #refused = `refused-${this.#own}.jsonl`;
  /** The index, until it is published. */
  readonly #temporary: string;
  #published = false;

  /** Starts from the dataset in the folder, if there is one. Throws `bad-file` where that one is damaged. */
  constructor(folder: string, name: string) {
    this.name = name;
    this.#folder = folder;
    this.previous = readDatasetInfo(folder);
    const base = this.previous === undefined ? undefined : join(folder, this.previous.index);
    if (base !== undefined) new IndexReader(name, base).close(); // says what is wrong with it, if anything is
    mkdirSync(folder, { recursive: true });
    removeLeftovers(folder);
    this.#temporary = temporaryName(join(folder, this.#index));
    this.refusals = new RefusalLog(temporaryName(join(folder, this.#refused)));
    try {
      this.writer = new IndexWriter(this.#temporary, base);
    } catch (error) {
      this.#removeUnpublished();
      throw this.failure(error);
    }
  }

  /** Why the draft could not be made, as our own error: the disk, or the index that it starts from. */
  failure(error: unknown): unknown {
    const { name, previous } = this;
    if (previous === undefined || !isDamage(error)) return writeError(error, this.#folder);
    return brokenIndex(name, join(this.#folder, previous.index), 'is damaged', error);
  }

  /** Closes the index and describes the dataset as it will be. Throws `bad-input` where a part came out empty. */
  async finish(
    sources: readonly Source[],
    parts: readonly TakenPart[],
    roots: readonly string[],
    signal?: AbortSignal,
  ): Promise<DatasetInfo> {
    const splits = this.writer.settle();
    this.#checkUsable(sources, parts, splits);
    await this.writer.finish(signal);
    const old = this.previous?.parts ?? [];
    const isReplaced = (part: DatasetPart): boolean =>
      parts.some(({ task, split }) => task === part.task && split === part.split);
    const all = [...old.filter((part) => !isReplaced(part)), ...parts.map(describePart)];
    const files = parts.flatMap((part) => [...part.sources].flatMap((source) => source.files));
    await this.#carryOver(all.flatMap(pathsOf).filter((path) => !files.includes(path)));
    return {
      formatVersion: 1,
      name: this.name,
      tasks: [...new Set(all.map((part) => part.task))].sort(),
      index: this.#index,
      roots: [...roots],
      splits: Object.fromEntries(Object.entries(splits).sort(([a], [b]) => compareSplits(a, b))),
      parts: all,
      refused: this.#refusedNow(),
      fingerprint: fingerprintOf(all),
    };
  }

  /** The dataset as it was, with the tables of this version in its index. */
  async finishUnchanged(previous: DatasetInfo): Promise<DatasetInfo> {
    await this.writer.finish();
    await this.#carryOver(previous.parts.flatMap(pathsOf));
    return { ...previous, index: this.#index, refused: this.#refusedNow() };
  }

  #refusedNow(): DatasetInfo['refused'] {
    const { all } = this.refusals;
    return all.total === 0 ? all : { ...all, file: this.#refused };
  }

  async #carryOver(files: readonly string[]): Promise<void> {
    if (this.previous === undefined) return;
    await this.refusals.carryOver(join(this.#folder, refusedFile(this.previous)), new Set(files));
  }

  /** The one step: from here on the dataset is the new one. Throws `already-exists` where another import was faster. */
  publish(info: DatasetInfo): void {
    if (readDatasetInfo(this.#folder)?.index !== this.previous?.index) {
      const remedy = 'Import again.';
      throw new DeptError('already-exists', `Another import changed the dataset "${this.name}" meanwhile`, { remedy });
    }
    renameSync(this.#temporary, join(this.#folder, this.#index));
    this.refusals.moveTo(join(this.#folder, this.#refused));
    writeJsonAtomic(join(this.#folder, INFO_FILE), info);
    this.#published = true;
    for (const name of readdirSync(this.#folder)) {
      const isOld = /\.sqlite$|^refused.*\.jsonl$/.test(name) && name !== this.#index && name !== this.#refused;
      if (isOld) removeIfPossible(join(this.#folder, name));
    }
  }

  /** Removes every trace of a draft that was not published. */
  discard(): void {
    if (this.#published) return;
    this.writer.abandon();
    this.refusals.discard();
    this.#removeUnpublished();
  }

  #removeUnpublished(): void {
    for (const path of [this.#temporary, join(this.#folder, this.#index), join(this.#folder, this.#refused)]) {
      removeIfPossible(path);
    }
    if (readdirSync(this.#folder).length === 0) rmdirSync(this.#folder);
  }

  #checkUsable(
    sources: readonly Source[],
    parts: readonly TakenPart[],
    splits: Readonly<Record<string, SplitCounts>>,
  ): void {
    const isEmpty = ({ task, split, items }: TakenPart): boolean =>
      items === 0 && (task === 'vqa' || splits[split] === undefined);
    const empty = parts.find(isEmpty);
    if (parts.length > 0 && empty === undefined) return;
    const what = empty === undefined ? '' : ` for the split "${empty.split}"`;
    const {
      total,
      byCode,
      examples: [first],
    } = this.refusals.summary;
    const counts = Object.entries(byCode).map(([code, count]) => `${count} ${code}`);
    const got = total === 0 ? 'no records' : `${counts.join(', ')}; first: ${first!.item}: ${first!.reason}`;
    throw new DeptError('bad-input', `The files hold nothing that can be used${what}`, {
      path: first?.file ?? sources[0]!.files[0]!,
      got,
      ...(byCode['missing-image'] === undefined ? {} : { remedy: 'Name the folder that holds the images.' }),
    });
  }
}

/** Gives an index that an earlier version of the program made the tables that browsing needs; no item changes. */
export async function upgradeIndex(folder: string, info: DatasetInfo): Promise<void> {
  const draft = new DatasetDraft(folder, info.name);
  try {
    draft.publish(await draft.finishUnchanged(info));
  } catch (error) {
    throw draft.failure(error);
  } finally {
    draft.discard();
  }
}

/**
 * Removes what an import left in a dataset's folder that was killed when its files had their names and `dataset.json` did not
 * name them yet, or still named others. Throws `bad-file`.
 */
export function removeUnpublished(folder: string): void {
  const isLeft = (name: string): boolean => {
    const processId = OF_IMPORT.exec(name)?.[1];
    return processId !== undefined && !isRunning(Number(processId));
  };
  const left = readdirSync(folder).filter(isLeft);
  const info = readDatasetInfo(folder); // read when those processes were gone: what they published is in it
  const named = info === undefined ? [] : [info.index, refusedFile(info)];
  for (const name of left) if (!named.includes(name)) removeIfPossible(join(folder, name));
}

function pathsOf({ sources }: DatasetPart): string[] {
  return sources.map(({ path }) => path);
}

function describePart({ task, split, items, hash, sources }: TakenPart): DatasetPart {
  const files = [...sources].flatMap((source) => source.files);
  return {
    task,
    split,
    items,
    fingerprint: hash.digest('hex'),
    format: [...sources][0]!.format,
    sources: files.map((path) => {
      const { size, mtime } = statSync(path);
      return { path, bytes: size, modified: mtime.toISOString() };
    }),
  };
}

/** Independent of the order in which the parts were imported. */
function fingerprintOf(parts: readonly DatasetPart[]): string {
  const lines = parts.map(({ task, split, fingerprint }) => `${task} ${split} ${fingerprint}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

/** Windows keeps a file that somebody has open; the next start and the next import try again. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
