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

/** Made when all rows are in. The search tables hold words only and point into the tables of the texts. */
export const INDEXES = `
  CREATE INDEX IF NOT EXISTS captions_by_image ON captions (image);
  CREATE INDEX IF NOT EXISTS questions_by_image ON questions (image);
  CREATE VIRTUAL TABLE IF NOT EXISTS caption_words USING fts5 (
    caption, content = 'captions', content_rowid = 'id', detail = 'none', tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE IF NOT EXISTS question_words USING fts5 (
    question, answers, content = 'questions', content_rowid = 'id', detail = 'none', tokenize = 'unicode61 remove_diacritics 2'
  );
  INSERT INTO caption_words (caption_words) VALUES ('rebuild');
  INSERT INTO question_words (question_words) VALUES ('rebuild');
`;

/** The words of a search text as an FTS5 query: every word must occur, as a whole or as a beginning. */
export function searchQuery(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu);
  return words?.map((word) => `"${word}"*`).join(' AND ');
}
