/** An imported dataset, open for reading: items in order or by position, images, counts. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { DeptError } from '../common/errors.ts';
import { temporaryName } from '../common/files.ts';
import { listFolders, removeLeftovers } from '../common/folders.ts';
import { type DatasetInfo, datasetFolder, datasetsFolder, readDatasetInfo, type SplitCounts } from './dataset-info.ts';
import { featureFolder } from './feature-cache.ts';
import { SPLIT_STRIDE } from './index-schema.ts';
import { type CaptionGroup, type CaptionItem, type ImageItem, imageIdOf, type QuestionItem } from './items.ts';

const IMAGE = 'images.id AS row, images.split, images.key, root, path, width, height';
const CAPTION = 'images.split, images.key, caption FROM captions JOIN images ON images.id = captions.image';
const QUESTION = `images.split, images.key, questions.key AS id, question, question_type, answer_type, answers
  FROM questions JOIN images ON images.id = questions.image`;

type Row = Record<string, unknown>;

/** Rows by id range: `[from, to)`. */
type Range = readonly [from: number, to: number];

export class Dataset implements Disposable {
  readonly info: DatasetInfo;
  readonly #database: DatabaseSync;
  readonly #splitIds = new Map<string, number>();
  readonly #splitNames = new Map<number, string>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(info: DatasetInfo, database: DatabaseSync) {
    this.info = info;
    this.#database = database;
    for (const { id, name } of database.prepare('SELECT id, name FROM splits').all() as {
      id: number;
      name: string;
    }[]) {
      this.#splitIds.set(name, id);
      this.#splitNames.set(id, name);
    }
  }

  /** Names: train, val, test first. */
  splits(): string[] {
    return Object.keys(this.info.splits);
  }

  /** The number of a split in the index. Throws `not-found`. */
  splitId(split: string): number {
    this.#counts(split);
    return this.#splitIds.get(split)!;
  }

  splitName(splitId: number): string {
    return this.#splitNames.get(splitId)!;
  }

  imageCount(split: string): number {
    return this.#counts(split).images;
  }

  captionCount(split: string): number {
    return this.#counts(split).captions;
  }

  questionCount(split: string): number {
    return this.#counts(split).questions;
  }

  /** The split's images, in the order of the source. */
  *images(split: string): Generator<ImageItem> {
    for (const [, image] of this.imageRows(split)) yield image;
  }

  /** The same, each with the number of its row in the index. */
  *imageRows(split: string): Generator<readonly [row: number, image: ImageItem]> {
    const sql = `SELECT ${IMAGE} FROM images WHERE id >= ? AND id < ? ORDER BY id`;
    for (const row of this.#iterate(sql, this.#range(split))) yield [row.row as number, this.#imageOf(row)];
  }

  *questions(split: string): Generator<QuestionItem> {
    const sql = `SELECT ${QUESTION} WHERE questions.id >= ? AND questions.id < ? ORDER BY questions.id`;
    for (const row of this.#iterate(sql, this.#range(split))) yield this.#questionOf(row);
  }

  *captions(split: string): Generator<CaptionItem> {
    const sql = `SELECT ${CAPTION} WHERE captions.id >= ? AND captions.id < ? ORDER BY captions.id`;
    for (const row of this.#iterate(sql, this.#range(split))) yield this.#captionOf(row);
  }

  /** The split's images that have captions, each with all of them. */
  *captionGroups(split: string): Generator<CaptionGroup> {
    const sql = `SELECT ${IMAGE}, json_group_array(caption ORDER BY captions.id) AS captions
      FROM images JOIN captions ON captions.image = images.id
      WHERE images.id >= ? AND images.id < ? GROUP BY images.id ORDER BY images.id`;
    for (const row of this.#iterate(sql, this.#range(split))) {
      yield { image: this.#imageOf(row), captions: JSON.parse(row.captions as string) };
    }
  }

  /** The i-th question of the split, from 0. Throws `bad-input` outside of the split. */
  questionAt(split: string, i: number): QuestionItem {
    const row = this.#at(`SELECT ${QUESTION} WHERE questions.id = ?`, split, i, this.questionCount(split));
    return this.#questionOf(row);
  }

  /** The i-th caption of the split, from 0. Throws `bad-input` outside of the split. */
  captionAt(split: string, i: number): CaptionItem {
    const row = this.#at(`SELECT ${CAPTION} WHERE captions.id = ?`, split, i, this.captionCount(split));
    return this.#captionOf(row);
  }

  /** Throws `not-found`. */
  image(imageId: string): ImageItem {
    return this.#imageOf(this.#imageRow(imageId));
  }

  /** In the order of the source. Throws `not-found`. */
  captionsOf(imageId: string): string[] {
    const sql = 'SELECT caption FROM captions WHERE image = ? ORDER BY id';
    return this.#prepare(sql)
      .all(this.#imageRow(imageId).row as number)
      .map((row) => row.caption as string);
  }

  /** In the order of the source. Throws `not-found`. */
  questionsOf(imageId: string): QuestionItem[] {
    const sql = `SELECT ${QUESTION} WHERE questions.image = ? ORDER BY questions.id`;
    return this.#prepare(sql)
      .all(this.#imageRow(imageId).row as number)
      .map((row) => this.#questionOf(row));
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #counts(split: string): SplitCounts {
    const counts = this.info.splits[split];
    if (counts !== undefined) return counts;
    throw new DeptError('not-found', `The dataset "${this.info.name}" has no split "${split}"`, {
      expected: this.splits().join(', '),
      got: split,
    });
  }

  #range(split: string): Range {
    const from = this.splitId(split) * SPLIT_STRIDE;
    return [from, from + SPLIT_STRIDE];
  }

  #at(sql: string, split: string, i: number, count: number): Row {
    if (Number.isInteger(i) && i >= 0 && i < count) return this.#prepare(sql).get(this.#range(split)[0] + i)!;
    throw new DeptError('bad-input', `The split "${split}" has no item ${i}`, {
      expected: `0 to ${count - 1}`,
      got: String(i),
    });
  }

  /** Prepared once and kept: for queries that are run to their end at once. */
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A statement of its own, since several iterations may be under way at a time. */
  #iterate(sql: string, values: readonly SQLInputValue[]): Iterable<Row> {
    return this.#database.prepare(sql).iterate(...values);
  }

  #imageRow(imageId: string): Row {
    const slash = imageId.indexOf('/');
    const split = this.#splitIds.get(imageId.slice(0, slash)) ?? -1;
    const row = this.#prepare(`SELECT ${IMAGE} FROM images WHERE split = ? AND key = ?`).get(
      split,
      imageId.slice(slash + 1),
    );
    if (row !== undefined) return row;
    throw new DeptError('not-found', `The dataset "${this.info.name}" has no image "${imageId}"`, {
      expected: 'an id of the form split/key',
    });
  }

  #imageIdOf(row: Row): string {
    return imageIdOf(this.splitName(row.split as number), row.key as string);
  }

  #imageOf(row: Row): ImageItem {
    const size = row.width === null ? {} : { width: row.width as number, height: row.height as number };
    return {
      id: this.#imageIdOf(row),
      key: row.key as string,
      path: join(this.info.roots[row.root as number]!, row.path as string),
      split: this.splitName(row.split as number),
      ...size,
    };
  }

  #captionOf(row: Row): CaptionItem {
    return { imageId: this.#imageIdOf(row), caption: row.caption as string };
  }

  #questionOf(row: Row): QuestionItem {
    return {
      id: row.id as string,
      imageId: this.#imageIdOf(row),
      question: row.question as string,
      answers: JSON.parse(row.answers as string),
      ...(row.answer_type === null ? {} : { answerType: row.answer_type as string }),
      ...(row.question_type === null ? {} : { questionType: row.question_type as string }),
    };
  }
}

/** Throws `not-found` where there is no such dataset, `bad-file` where it is damaged. */
export function openDataset(home: string, name: string): Dataset {
  const { info, database } = openIndex(home, name);
  return new Dataset(info, database);
}

/** The dataset's description with a connection to its index, for reading. Throws as `openDataset`. */
export function openIndex(home: string, name: string): { info: DatasetInfo; database: DatabaseSync } {
  const folder = datasetFolder(home, name);
  const info = readDatasetInfo(folder);
  if (info === undefined) {
    const names = listDatasets(home).datasets.map((dataset) => dataset.name);
    const expected = names.length === 0 ? 'none is installed' : names.join(', ');
    throw new DeptError('not-found', `There is no dataset "${name}"`, {
      path: folder,
      expected,
      remedy: 'Import it first.',
    });
  }
  const path = join(folder, info.index);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.prepare('SELECT count(*) FROM splits').get(); // a file of another kind opens, and fails here
    return { info, database };
  } catch (cause) {
    database?.close();
    const remedy = 'Remove the dataset and import it again.';
    throw new DeptError('bad-file', `The index of the dataset "${name}" cannot be opened`, { path, remedy, cause });
  }
}

export interface DatasetList {
  readonly datasets: readonly DatasetInfo[];
  /** There, but not readable. */
  readonly broken: readonly { readonly name: string; readonly error: DeptError }[];
}

/** All datasets, by name. */
export function listDatasets(home: string): DatasetList {
  const folder = datasetsFolder(home);
  const datasets: DatasetInfo[] = [];
  const broken: { name: string; error: DeptError }[] = [];
  for (const name of listFolders(folder)) {
    try {
      const info = readDatasetInfo(join(folder, name));
      if (info !== undefined) datasets.push(info);
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      broken.push({ name, error });
    }
  }
  return { datasets, broken };
}

/** Removes the index and all that was derived, the feature cache too; the source files and images stay. Throws `not-found`. */
export async function removeDataset(home: string, name: string): Promise<void> {
  const folder = datasetFolder(home, name);
  if (!existsSync(folder)) throw new DeptError('not-found', `There is no dataset "${name}"`, { path: folder });
  const features = join(home, 'features');
  const derived = listFolders(features).map((encoder) => featureFolder(home, encoder, name));
  const moved = [folder, ...derived.filter((path) => existsSync(path))].map((path) => {
    removeLeftovers(dirname(path));
    const temporary = temporaryName(path); // so that no half of it is ever seen under its name
    rmSync(temporary, { recursive: true, force: true });
    renameSync(path, temporary);
    return temporary;
  });
  for (const temporary of moved) await rm(temporary, { recursive: true, force: true });
}
