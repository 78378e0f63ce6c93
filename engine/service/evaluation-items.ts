/** `items.sqlite` of an evaluation: every prediction with its score, to be sorted, searched and compared page by page. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { DeptError } from '../common/errors.ts';
import { readingSqlite } from '../common/sqlite.ts';
import type {
  CompareEvaluationsQuery as Comparison,
  EvaluationComparison,
  EvaluationItem,
  EvaluationItems,
  EvaluationItemsQuery,
  ScoreGroup,
} from '../contract/evaluations.ts';

type Row = Record<string, unknown>;

/** What a page asks for, whichever evaluation it is of. */
export type ItemsQuery = Omit<EvaluationItemsQuery, 'run' | 'id'>;
export type ComparisonQuery = Omit<Comparison, 'a' | 'b'>;

const FIXED = [
  'position',
  'id',
  'image',
  'question',
  'prediction',
  'references',
  'score',
  'answer_type',
  'question_type',
];

/** `texts` repeats what is searched, in small letters and apart, so that a search reads little else. */
const TABLES = `
  CREATE TABLE items (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, image TEXT NOT NULL, question TEXT, prediction TEXT NOT NULL,
    "references" TEXT NOT NULL, -- a JSON list
    score REAL NOT NULL, answer_type TEXT, question_type TEXT
  );
  CREATE TABLE texts (position INTEGER PRIMARY KEY, text TEXT NOT NULL);
`;

/** An index ends in the position, ascending: so one of each direction gives equal scores in the order of the split. */
const INDEXES = `
  CREATE INDEX worst ON items (score);
  CREATE INDEX best ON items (score DESC);
  CREATE INDEX by_answer_type ON items (answer_type, score);
  CREATE INDEX by_question_type ON items (question_type, score);
  CREATE INDEX by_id ON items (id, score);
`;

const ORDER = { worst: 'score, position', best: 'score DESC, position', order: 'position' } as const;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** As texts are compared in a search. */
const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').toLowerCase();

/** One line for each text, so that no match goes from one into the next. */
function searchText({ question = '', prediction, references }: EvaluationItem): string {
  const texts = [question, prediction, ...new Set(references)];
  return texts.map(folded).join('\n');
}

/** Writes the file, whole; nobody reads it before its folder has its name. */
export function writeItems(path: string, items: readonly EvaluationItem[]): void {
  using database = new DatabaseSync(path);
  // The commit waits until all is on the disk
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; BEGIN; ${TABLES}`);
  const metrics = Object.keys(items[0]?.scores ?? {});
  for (const name of metrics) database.exec(`ALTER TABLE items ADD COLUMN ${quoted(name)} REAL NOT NULL DEFAULT 0`);
  const marks = [...FIXED, ...metrics].map(() => '?').join(', ');
  const insertItem = database.prepare(`INSERT INTO items VALUES (${marks})`);
  const insertText = database.prepare('INSERT INTO texts VALUES (?, ?)');
  items.forEach((item, position) => {
    const { id, imageId, question, prediction, references, score, answerType, questionType } = item;
    const types = [answerType ?? null, questionType ?? null];
    const texts = [id, imageId, question ?? null, prediction, JSON.stringify(references)];
    insertItem.run(position, ...texts, score, ...types, ...metrics.map((name) => item.scores![name]!));
    insertText.run(position, searchText(item));
  });
  database.exec(`${INDEXES} COMMIT`);
}

function itemOf(row: Row): EvaluationItem {
  const scores = Object.entries(row).filter(([name]) => !FIXED.includes(name)) as [string, number][];
  return {
    id: row.id as string,
    imageId: row.image as string,
    ...(row.question === null ? {} : { question: row.question as string }),
    prediction: row.prediction as string,
    references: JSON.parse(row.references as string),
    score: row.score as number,
    ...(scores.length === 0 ? {} : { scores: Object.fromEntries(scores) }),
    ...(row.answer_type === null ? {} : { answerType: row.answer_type as string }),
    ...(row.question_type === null ? {} : { questionType: row.question_type as string }),
  };
}

/** The conditions of a query with their values; those of a search stand in the table `found`. */
function conditions(
  query: ItemsQuery,
  isSearch: boolean,
): { readonly where: string; readonly values: SQLInputValue[] } {
  const all: [condition: string, value: SQLInputValue | undefined][] = [
    ['answer_type = ?', query.answerType],
    ['question_type = ?', query.questionType],
    ['score < ?', query.scoreBelow],
    ['score > ?', query.scoreAbove],
    [query.wrong ? 'score <= ?' : 'score > ?', query.wrong === undefined ? undefined : 0],
  ];
  const given = all.filter((pair): pair is [string, SQLInputValue] => pair[1] !== undefined);
  const parts = [...given.map(([condition]) => condition), ...(isSearch ? ['position IN found'] : [])];
  const where = parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;
  return { where, values: given.map(([, value]) => value) };
}

/** Whatever is wrong with the file is said in one way: all that read throw `bad-file`. */
export class EvaluationItemsFile implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#path = path;
    this.#database = this.#checked(() => new DatabaseSync(path, { readOnly: true }));
    try {
      this.#database.exec('PRAGMA temp_store = MEMORY');
      this.#get('SELECT position FROM items LIMIT 1'); // a file of another kind opens, and fails here
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** One page of the items that pass, and how many do. */
  page(query: ItemsQuery): EvaluationItems {
    const wanted = folded(query.text ?? '');
    const isSearch = wanted.trim() !== '';
    if (isSearch) this.#find(wanted);
    const { where, values } = conditions(query, isSearch);
    const { total } = this.#get(`SELECT count(*) AS total FROM items ${where}`, values) as { total: number };
    // Positions first: skipping to a far page then reads the index alone
    const positions = `SELECT position FROM items ${where} ORDER BY ${ORDER[query.sort]} LIMIT ? OFFSET ?`;
    const sql = `SELECT * FROM items WHERE position IN (${positions}) ORDER BY ${ORDER[query.sort]}`;
    return { total, items: this.#items(this.#all(sql, [...values, query.limit, query.offset])) };
  }

  /** Largest first; items without that type belong to none. */
  groups(type: 'answer_type' | 'question_type'): ScoreGroup[] {
    const sql = `SELECT ${type} AS "group", count(*) AS count, avg(score) AS score FROM items
      WHERE ${type} IS NOT NULL GROUP BY ${type} ORDER BY count DESC, ${type}`;
    return this.#all(sql).map((row) => ({ ...row })) as unknown as ScoreGroup[];
  }

  highest(): number {
    return this.#get('SELECT max(score) AS highest FROM items').highest as number;
  }

  /** How many items score in `[from, to)`. */
  count(from: number, to: number): number {
    const sql = 'SELECT count(*) AS count FROM items WHERE score >= ? AND score < ?';
    return this.#get(sql, [from, to]).count as number;
  }

  /** This evaluation (`a`) beside another (`b`) on the items that both have, which are those of one id. */
  compare(other: EvaluationItemsFile, query: ComparisonQuery): EvaluationComparison {
    try {
      return this.#compare(other, query);
    } catch (error) {
      if (error instanceof DeptError) for (const file of [this, other]) file.#checkWhole(); // SQLite tells not, which it was
      throw error;
    }
  }

  #compare(other: EvaluationItemsFile, { show, limit, offset }: ComparisonQuery): EvaluationComparison {
    this.#checked(() => this.#database.prepare('ATTACH ? AS other').run(other.#path));
    const joined = 'FROM main.items AS a JOIN other.items AS b ON a.id = b.id';
    const counts = this.#get(`SELECT count(*) AS shared, coalesce(sum(a.score > b.score), 0) AS aHigher,
      coalesce(sum(a.score < b.score), 0) AS bHigher, coalesce(avg(a.score), 0) AS meanA, coalesce(avg(b.score), 0) AS meanB
      ${joined}`) as unknown as Pick<EvaluationComparison, 'shared' | 'aHigher' | 'bHigher' | 'meanA' | 'meanB'>;
    const { aHigher, bHigher } = counts;
    const shown = {
      different: { condition: 'a.score <> b.score', total: aHigher + bHigher },
      'a-higher': { condition: 'a.score > b.score', total: aHigher },
      'b-higher': { condition: 'a.score < b.score', total: bHigher },
    }[show];
    const rows = this.#all(
      `SELECT a.*, b.prediction AS prediction_b, b.score AS score_b ${joined}
        WHERE ${shown.condition} ORDER BY abs(a.score - b.score) DESC, a.position LIMIT ? OFFSET ?`,
      [limit, offset],
    );
    const all = this.#items(rows.map(({ prediction_b: _p, score_b: _s, ...row }) => row));
    const items = all.map(({ prediction, score, scores: _, ...item }, i) => {
      const { prediction_b, score_b } = rows[i] as { prediction_b: string; score_b: number };
      return { ...item, a: { prediction, score }, b: { prediction: prediction_b, score: score_b } };
    });
    return { ...counts, total: shown.total, items };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Once for both the count and the page, since it reads all texts. */
  #find(wanted: string): void {
    this.#checked(() => {
      this.#database.exec('DROP TABLE IF EXISTS temp.found; CREATE TEMP TABLE found (position INTEGER PRIMARY KEY)');
      this.#database.prepare('INSERT INTO found SELECT position FROM texts WHERE instr(text, ?)').run(wanted);
    });
  }

  #get(sql: string, values: readonly SQLInputValue[] = []): Row {
    return this.#checked(() => this.#database.prepare(sql).get(...values)!);
  }

  #all(sql: string, values: readonly SQLInputValue[] = []): Row[] {
    return this.#checked(() => this.#database.prepare(sql).all(...values));
  }

  #items(rows: readonly Row[]): EvaluationItem[] {
    return this.#checked(() => rows.map(itemOf));
  }

  /** Goes through the whole file. */
  #checkWhole(): void {
    const found = this.#get('PRAGMA main.quick_check(1)').quick_check as string;
    if (found !== 'ok') throw this.#damaged(new Error(found));
  }

  #checked<Value>(read: () => Value): Value {
    return readingSqlite(read, (cause) => this.#damaged(cause));
  }

  #damaged(cause: Error): DeptError {
    return new DeptError('bad-file', 'The items of the evaluation cannot be read', {
      path: this.#path,
      got: cause.message,
      remedy: 'Remove the evaluation and make it again.',
      cause,
    });
  }
}
