/** What a failure of SQLite means for whoever reads a file that may be damaged. */

/** SQLite's numbers for a file that is damaged, and for one of another kind. */
const [SQLITE_CORRUPT, SQLITE_NOTADB] = [11, 26];

interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** What is above the lowest byte says more about it. */
  readonly errcode: number;
}

function isSqliteError(cause: unknown): cause is SqliteError {
  return cause instanceof Error && (cause as Error & { code?: string }).code === 'ERR_SQLITE_ERROR';
}

/** Whether a statement failed at what is in the file: one that writes may fail for want of room as well. */
export function isDamage(cause: unknown): cause is SqliteError {
  return isSqliteError(cause) && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(cause.errcode & 0xff);
}

/**
 * What reading a file of ours gives. Where SQLite cannot read it, or a JSON value in it, throws what `damaged` makes of that;
 * everything else stays what it is.
 */
export function readingSqlite<Value>(read: () => Value, damaged: (cause: Error) => Error): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SyntaxError || isSqliteError(cause)) throw damaged(cause);
    throw cause; // such as one that is closed
  }
}
