/** An imported dataset, open for reading: items in order or by position, images, counts. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writing } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import { temporaryName } from '../common/files.ts';
import { listFolders, removeLeftovers } from '../common/folders.ts';
import { type DatasetInfo, datasetFolder, datasetsFolder, readDatasetInfo, type SplitCounts } from './dataset-info.ts';
import { featureFolder } from './feature-cache.ts';
import { IndexReader, type Row } from './index-reader.ts';
import { SPLIT_STRIDE } from './index-schema.ts';
import { type CaptionGroup, type CaptionItem, type ImageItem, imageIdOf, type QuestionItem } from './items.ts';

const IMAGE = 'images.id AS row, images.split, images.key, root, path, width, height';
const CAPTION = 'images.split, images.key, caption FROM captions JOIN images ON images.id = captions.image';
const QUESTION = `images.split, images.key, questions.key AS id, question, question_type, answer_type, answers
  FROM questions JOIN images ON images.id = questions.image`;

/** Rows by id range: `[from, to)`. */
type Range = readonly [from: number, to: number];

export class Dataset implements Disposable {
  readonly info: DatasetInfo;
  readonly #index: IndexReader;
  readonly #splitIds = new Map<string, number>();
  readonly #splitNames = new Map<number, string>();

  constructor(info: DatasetInfo, index: IndexReader) {
    this.info = info;
    this.#index = index;
    for (const { id, name } of index.all('SELECT id, name FROM splits') as { id: number; name: string }[]) {
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
    for (const row of this.#index.iterate(sql, ...this.#range(split))) yield [row.row as number, this.#imageOf(row)];
  }

  *questions(split: string): Generator<QuestionItem> {
    const sql = `SELECT ${QUESTION} WHERE questions.id >= ? AND questions.id < ? ORDER BY questions.id`;
    for (const row of this.#index.iterate(sql, ...this.#range(split))) yield this.#questionOf(row);
  }

  *captions(split: string): Generator<CaptionItem> {
    const sql = `SELECT ${CAPTION} WHERE captions.id >= ? AND captions.id < ? ORDER BY captions.id`;
    for (const row of this.#index.iterate(sql, ...this.#range(split))) yield this.#captionOf(row);
  }

  /** The split's images that have captions, each with all of them. */
  *captionGroups(split: string): Generator<CaptionGroup> {
    const sql = `SELECT ${IMAGE}, json_group_array(caption ORDER BY captions.id) AS captions
      FROM images JOIN captions ON captions.image = images.id
      WHERE images.id >= ? AND images.id < ? GROUP BY images.id ORDER BY images.id`;
    for (const row of this.#index.iterate(sql, ...this.#range(split))) {
      yield { image: this.#imageOf(row), captions: this.#index.json(row.captions) as string[] };
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
    const rows = this.#index.all(sql, this.#imageRow(imageId).row as number);
    return rows.map((row) => row.caption as string);
  }

  /** In the order of the source. Throws `not-found`. */
  questionsOf(imageId: string): QuestionItem[] {
    const sql = `SELECT ${QUESTION} WHERE questions.image = ? ORDER BY questions.id`;
    const rows = this.#index.all(sql, this.#imageRow(imageId).row as number);
    return rows.map((row) => this.#questionOf(row));
  }

  close(): void {
    this.#index.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #counts(split: string): SplitCounts {
    if (Object.hasOwn(this.info.splits, split) && this.#splitIds.has(split)) return this.info.splits[split]!;
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
    const row = Number.isInteger(i) && i >= 0 && i < count && this.#index.get(sql, this.#range(split)[0] + i);
    if (row) return row;
    throw new DeptError('bad-input', `The split "${split}" has no item ${i}`, {
      expected: `0 to ${count - 1}`,
      got: String(i),
    });
  }

  #imageRow(imageId: string): Row {
    const slash = imageId.indexOf('/');
    const split = this.#splitIds.get(imageId.slice(0, slash)) ?? -1;
    const key = imageId.slice(slash + 1);
    const row = this.#index.get(`SELECT ${IMAGE} FROM images WHERE split = ? AND key = ?`, split, key);
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
      answers: this.#index.json(row.answers) as string[],
      ...(row.answer_type === null ? {} : { answerType: row.answer_type as string }),
      ...(row.question_type === null ? {} : { questionType: row.question_type as string }),
    };
  }
}

/** Throws `not-found` where there is no such dataset, `bad-file` where it is damaged. */
export function openDataset(home: string, name: string): Dataset {
  const { info, index } = openIndex(home, name);
  return new Dataset(info, index);
}

/** The dataset's description with its index, for reading. Throws as `openDataset`. */
export function openIndex(home: string, name: string): { info: DatasetInfo; index: IndexReader } {
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
  return { info, index: new IndexReader(name, join(folder, info.index)) };
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
  // the dataset last: as long as it is there, its removal can be asked for again
  const moved = [...derived.filter((path) => existsSync(path)), folder].map((path) =>
    writing(path, () => {
      removeLeftovers(dirname(path));
      const temporary = temporaryName(path); // so that no half of it is ever seen under its name
      rmSync(temporary, { recursive: true, force: true });
      renameSync(path, temporary);
      return temporary;
    }),
  );
  for (const temporary of moved) await rm(temporary, { recursive: true, force: true });
}
