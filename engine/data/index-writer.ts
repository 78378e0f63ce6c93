/** Writes the SQLite index of a dataset: a new file, or a copy of an old one with parts added or replaced. */
import { closeSync, copyFileSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { SplitCounts } from './dataset-info.ts';
import { CAPTION_WORDS, DERIVED_TABLES, INDEXES, QUESTION_WORDS, SPLIT_STRIDE, TABLES } from './index-schema.ts';
import type { Task } from './items.ts';
import { throwIfCancelled } from './read-file.ts';

type Table = 'images' | 'captions' | 'questions';
const TABLE_OF: Readonly<Record<Task, Table>> = { vqa: 'questions', caption: 'captions' };

/** Rows that are worked on between two turns of the event loop. */
const ROWS_AT_ONCE = 5000;

export interface IndexedImage {
  readonly id: number;
  /** An index into the dataset's roots. */
  readonly root: number;
  readonly path: string;
}

export interface NewImage extends Omit<IndexedImage, 'id'> {
  readonly key: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Stays in the index without captions or questions too. */
  readonly listed: boolean;
}

export interface IndexedQuestion {
  readonly key: string;
  readonly image: number;
  readonly question: string;
  readonly questionType: string | undefined;
  readonly answerType: string | undefined;
  readonly answers: readonly string[];
}

/** Nobody reads the file before `finish`, so there is one transaction and no journal. */
export class IndexWriter {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #splits = new Map<string, number>();
  /** The next free row id per table and split. */
  readonly #next = new Map<string, number>();
  readonly #findImage: StatementSync;
  readonly #insertImage: StatementSync;
  readonly #insertCaption: StatementSync;
  readonly #insertQuestion: StatementSync;

  /** `base`: the index to start from. */
  constructor(path: string, base: string | undefined) {
    if (base !== undefined) copyFileSync(base, path);
    this.#path = path;
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; ${TABLES}`);
    } catch (error) {
      this.abandon();
      throw error;
    }
    for (const row of this.#database.prepare('SELECT id, name FROM splits').all()) {
      this.#splits.set(row.name as string, row.id as number);
    }
    const prepare = (sql: string): StatementSync => this.#database.prepare(sql);
    this.#findImage = prepare('SELECT id, root, path FROM images WHERE split = ? AND key = ?');
    this.#insertImage = prepare('INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertCaption = prepare('INSERT OR IGNORE INTO captions VALUES (?, ?, ?, ?, ?)');
    this.#insertQuestion = prepare('INSERT OR IGNORE INTO questions VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  }

  findImage(split: string, key: string): IndexedImage | undefined {
    return this.#findImage.get(this.#splitId(split), key) as IndexedImage | undefined;
  }

  addImage(split: string, { key, root, path, width, height, listed }: NewImage): IndexedImage {
    const id = this.#nextId('images', split);
    const size = [width ?? null, height ?? null];
    this.#insertImage.run(id, this.#splitId(split), key, root, path, ...size, listed ? 1 : 0);
    this.#took('images', split);
    return { id, root, path };
  }

  /** False where the split has a caption with that key already. */
  addCaption(split: string, key: string | undefined, image: number, caption: string): boolean {
    const id = this.#nextId('captions', split);
    const { changes } = this.#insertCaption.run(id, this.#splitId(split), key ?? null, image, caption);
    if (changes === 1) this.#took('captions', split);
    return changes === 1;
  }

  /** False where the split has a question with that key already. */
  addQuestion(split: string, { key, image, question, questionType, answerType, answers }: IndexedQuestion): boolean {
    const id = this.#nextId('questions', split);
    const types = [questionType ?? null, answerType ?? null];
    const row = [id, this.#splitId(split), key, image, question, ...types, JSON.stringify(answers)];
    const { changes } = this.#insertQuestion.run(...row);
    if (changes === 1) this.#took('questions', split);
    return changes === 1;
  }

  /** Removes a task's items from a split, with the images that nothing else uses. */
  removePart(task: Task, split: string): void {
    const id = this.#splitId(split);
    this.#database.prepare(`DELETE FROM ${TABLE_OF[task]} WHERE split = ?`).run(id);
    if (task === 'caption') this.#database.prepare('UPDATE images SET listed = 0 WHERE split = ?').run(id);
    this.#removeUnusedImages();
    this.#next.clear();
  }

  #removeUnusedImages(): void {
    this.#database.exec(`DELETE FROM images WHERE listed = 0
      AND id NOT IN (SELECT image FROM captions) AND id NOT IN (SELECT image FROM questions)`);
  }

  /** Drops images that came with refused records only, and counts what every split holds now. */
  settle(): Record<string, SplitCounts> {
    this.#removeUnusedImages();
    const rows = this.#database
      .prepare(`SELECT name,
          (SELECT count(*) FROM images WHERE split = splits.id) AS images,
          (SELECT count(*) FROM captions WHERE split = splits.id) AS captions,
          (SELECT count(*) FROM questions WHERE split = splits.id) AS questions,
          (SELECT count(*) FROM questions WHERE split = splits.id AND answers <> '[]') AS answered
        FROM splits ORDER BY id`)
      .all() as unknown as ({ name: string } & SplitCounts)[];
    return Object.fromEntries(rows.filter((row) => row.images > 0).map(({ name, ...counts }) => [name, counts]));
  }

  /** Builds the indexes, closes the file and waits until it is on the disk. Throws `cancelled` on an abort. */
  async finish(signal?: AbortSignal): Promise<void> {
    this.#database.exec(DERIVED_TABLES);
    await this.#overRows('captions', [CAPTION_WORDS], signal);
    await this.#overRows('questions', QUESTION_WORDS, signal);
    for (const sql of INDEXES) {
      this.#database.exec(sql);
      await setImmediate();
      throwIfCancelled(signal);
    }
    this.#database.exec('COMMIT');
    this.#database.close();
    const descriptor = openSync(this.#path, 'r+');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Runs the statements over all rows of the table, so many at a time. */
  async #overRows(table: Table, statements: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    for (const split of this.#splits.values()) {
      const first = split * SPLIT_STRIDE;
      const last = this.#lastId(table, split);
      for (let from = first; last !== null && from <= last; from += ROWS_AT_ONCE) {
        for (const sql of statements) {
          const statement = this.#database.prepare(sql);
          if (sql.includes(':from')) statement.run({ from, to: from + ROWS_AT_ONCE });
          else statement.run();
        }
        await setImmediate();
        throwIfCancelled(signal);
      }
    }
  }

  #lastId(table: Table, splitId: number): number | null {
    const first = splitId * SPLIT_STRIDE;
    const query = `SELECT max(id) AS last FROM ${table} WHERE id >= ? AND id < ?`;
    return (this.#database.prepare(query).get(first, first + SPLIT_STRIDE) as { last: number | null }).last;
  }

  /** Lets go of the file, whatever state it is in. */
  abandon(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #splitId(name: string): number {
    let id = this.#splits.get(name);
    if (id === undefined) {
      id = Math.max(0, ...this.#splits.values()) + 1;
      this.#database.prepare('INSERT INTO splits VALUES (?, ?)').run(id, name);
      this.#splits.set(name, id);
    }
    return id;
  }

  #nextId(table: Table, split: string): number {
    const known = this.#next.get(`${table} ${split}`);
    if (known !== undefined) return known;
    const id = this.#splitId(split);
    const next = (this.#lastId(table, id) ?? id * SPLIT_STRIDE - 1) + 1;
    this.#next.set(`${table} ${split}`, next);
    return next;
  }

  #took(table: Table, split: string): void {
    this.#next.set(`${table} ${split}`, this.#nextId(table, split) + 1);
  }
}
