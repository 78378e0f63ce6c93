/** A dataset's SQLite index, open for reading; whatever is wrong with the file is said in one way. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { DeptError } from '../common/errors.ts';
import { readingSqlite } from '../common/sqlite.ts';

export type Row = Record<string, unknown>;

/** `what` is wrong with it: it cannot be opened, or is damaged. */
export function brokenIndex(dataset: string, path: string, what: string, cause: Error): DeptError {
  return new DeptError('bad-file', `The index of the dataset "${dataset}" ${what}`, {
    path,
    got: cause.message,
    remedy: 'Remove the dataset and import it again.',
    cause,
  });
}

export class IndexReader {
  readonly #dataset: string;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Throws `bad-file` for what is no index. */
  constructor(dataset: string, path: string) {
    this.#dataset = dataset;
    this.#path = path;
    this.#database = this.#checked('cannot be opened', () => new DatabaseSync(path, { readOnly: true }));
    try {
      // a file of another kind opens, and fails here
      this.#checked('cannot be opened', () => this.#database.prepare('SELECT count(*) FROM splits').get());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** All that read throw `bad-file` where the file is damaged. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#checked('is damaged', () => this.#prepared(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#checked('is damaged', () => this.#prepared(sql).all(...values));
  }

  /** By a statement of its own, since several iterations may be under way at a time. */
  *iterate(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    const rows = this.#checked('is damaged', () => this.#database.prepare(sql).iterate(...values));
    try {
      for (;;) {
        const { done, value } = this.#checked('is damaged', () => rows.next());
        if (done) return;
        yield value as Row;
      }
    } finally {
      rows.return?.(); // whoever stops reading lets go of the statement
    }
  }

  /** The value of a column that holds JSON. */
  json(column: unknown): unknown {
    return this.#checked('is damaged', () => JSON.parse(column as string) as unknown);
  }

  close(): void {
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #checked<Value>(what: string, read: () => Value): Value {
    return readingSqlite(read, (cause) => brokenIndex(this.#dataset, this.#path, what, cause));
  }
}
