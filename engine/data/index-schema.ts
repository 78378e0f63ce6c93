/** The SQLite index of a dataset: its tables, and the numbering of their rows. */

/**
 * A row's id is its split's number times this, plus its position in the split. So a split is one range of ids: reading it
 * in order and reading its i-th row both go straight to the primary key.
 */
export const SPLIT_STRIDE = 2 ** 32;

/** A caption may lack a key: to `UNIQUE (split, key)` every NULL is another one. */
export const TABLES = `
  CREATE TABLE IF NOT EXISTS splits (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS images (
    id INTEGER PRIMARY KEY, split INTEGER NOT NULL, key TEXT NOT NULL,
    root INTEGER NOT NULL, path TEXT NOT NULL, width INTEGER, height INTEGER,
    listed INTEGER NOT NULL, -- 1 where the source lists the image itself, so that it stays without captions too
    UNIQUE (split, key)
  );
  CREATE TABLE IF NOT EXISTS captions (
    id INTEGER PRIMARY KEY, split INTEGER NOT NULL, key TEXT, image INTEGER NOT NULL, caption TEXT NOT NULL,
    UNIQUE (split, key)
  );
  CREATE TABLE IF NOT EXISTS questions (
    id INTEGER PRIMARY KEY, split INTEGER NOT NULL, key TEXT NOT NULL, image INTEGER NOT NULL, question TEXT NOT NULL,
    question_type TEXT, answer_type TEXT, answers TEXT NOT NULL, -- a JSON list
    UNIQUE (split, key)
  );
`;

/** Of the tables below; kept in the file as `user_version`. */
export const INDEX_VERSION = 2;

/**
 * What browsing needs, made anew from the tables above when all rows are in. The search tables hold words only and point
 * into the tables of the texts.
 */
export const DERIVED_TABLES = `
  DROP TABLE IF EXISTS caption_words;
  DROP TABLE IF EXISTS question_words;
  DROP TABLE IF EXISTS answers;
  DROP TABLE IF EXISTS answered;
  DROP TABLE IF EXISTS answer_counts;
  DROP TABLE IF EXISTS type_counts;
  CREATE VIRTUAL TABLE caption_words USING fts5 (
    caption, content = 'captions', content_rowid = 'id', detail = 'none', tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE question_words USING fts5 (
    question, answers, content = 'questions', content_rowid = 'id', detail = 'none', tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE TABLE answers (id INTEGER PRIMARY KEY, answer TEXT NOT NULL UNIQUE);
  CREATE TABLE answered (answer INTEGER, question INTEGER, PRIMARY KEY (answer, question)) WITHOUT ROWID;
  -- How often an answer was given. split 0: in all of them; answer_type '': to questions of any type.
  CREATE TABLE answer_counts (
    split INTEGER, answer_type TEXT, answer INTEGER, count INTEGER NOT NULL, PRIMARY KEY (split, answer_type, answer)
  ) WITHOUT ROWID;
  CREATE TABLE type_counts (kind TEXT, value TEXT, count INTEGER NOT NULL); -- kind: 'answer' or 'question'
`;

/** Fills the search table of captions from the rows with `:from <= id < :to`. */
export const CAPTION_WORDS =
  'INSERT INTO caption_words (rowid, caption) SELECT id, caption FROM captions WHERE id >= :from AND id < :to';

/** The same for questions, then who was answered what; to be run one after the other. */
export const QUESTION_WORDS = [
  `INSERT INTO question_words (rowid, question, answers)
    SELECT id, question, answers FROM questions WHERE id >= :from AND id < :to`,
  `CREATE TEMP TABLE given AS SELECT questions.id AS question, split, nullif(answer_type, '') AS answer_type, value
    FROM questions, json_each(answers) WHERE questions.id >= :from AND questions.id < :to`,
  'INSERT OR IGNORE INTO answers (answer) SELECT DISTINCT value FROM given',
  'INSERT OR IGNORE INTO answered SELECT answers.id, question FROM given JOIN answers ON answers.answer = value',
  ...["''", 'answer_type'].map(
    (type) => `INSERT INTO answer_counts SELECT split, ${type}, answers.id, count(*)
      FROM given JOIN answers ON answers.answer = value WHERE ${type} IS NOT NULL GROUP BY split, ${type}, answers.id
      ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  ),
  'DROP TABLE given',
] as const;

/** The last of it; to be run one after the other. */
export const INDEXES = [
  'CREATE INDEX IF NOT EXISTS captions_by_image ON captions (image)',
  'CREATE INDEX IF NOT EXISTS questions_by_image ON questions (image)',
  'CREATE INDEX IF NOT EXISTS questions_by_answer_type ON questions (answer_type)',
  'CREATE INDEX IF NOT EXISTS questions_by_question_type ON questions (question_type)',
  'INSERT INTO answer_counts SELECT 0, answer_type, answer, sum(count) FROM answer_counts GROUP BY answer_type, answer',
  'CREATE INDEX answers_by_count ON answer_counts (split, answer_type, count DESC, answer)',
  ...['answer', 'question'].map(
    (kind) => `INSERT INTO type_counts SELECT '${kind}', ${kind}_type, count(*) FROM questions
      WHERE ${kind}_type <> '' GROUP BY ${kind}_type`,
  ),
  `PRAGMA user_version = ${INDEX_VERSION}`,
] as const;

/** The words of a search text as an FTS5 query: every word must occur, as a whole or as a beginning. */
export function searchQuery(text: string): string | undefined {
  const words = text.normalize('NFC').match(/[\p{L}\p{N}]+/gu);
  return words?.map((word) => `"${word}"*`).join(' AND ');
}
