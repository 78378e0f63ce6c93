/** The one error type of the engine: what was expected, what came, where, and the way out. */

export const errorCodes = [
  'bad-input',
  'bad-config',
  'bad-file',
  'not-found',
  'already-exists',
  'shape-mismatch',
  'unsupported',
  'cancelled',
  /** The process that did the work is gone. */
  'interrupted',
  'runtime-failed',
  /** The other side refuses, for want of a token or a consent; or the system, for want of a right. */
  'no-access',
  'network-failed',
  /** The disk has not enough room. */
  'no-space',
  /** The machine has not enough memory. */
  'no-memory',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  readonly expected?: string;
  readonly got?: string;
  readonly path?: string;
  readonly remedy?: string;
  readonly cause?: unknown;
}

export interface ErrorRecord extends Omit<ErrorDetails, 'cause'> {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a file says can be of any length; nobody reads on after so many characters. */
const MOST_CHARACTERS = 2000;

/** For a message: the beginning of a text that may come from a file. */
export function shortened(text: string, most = 100): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}...` : text;
}

/** A failure that a person can act on. `code` is for programs, the rest is for people. */
export class DeptError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(shortened(message, MOST_CHARACTERS), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DeptError';
    this.code = code;
    const cut = Object.entries(details).map(([name, text]) => [
      name,
      typeof text === 'string' ? shortened(text, MOST_CHARACTERS) : text,
    ]);
    this.details = Object.fromEntries(cut);
  }

  /** Plain data, as it travels to a face of the program. */
  toRecord(): ErrorRecord {
    const { cause: _cause, ...details } = this.details;
    return { code: this.code, message: this.message, ...details };
  }

  /** Several lines for a terminal: message, expected, got, where, remedy. */
  describe(): string {
    const { expected, got, path, remedy } = this.details;
    const lines = [this.message];
    if (path !== undefined) lines.push(`  where:    ${path}`);
    if (expected !== undefined) lines.push(`  expected: ${expected}`);
    if (got !== undefined) lines.push(`  got:      ${got}`);
    if (remedy !== undefined) lines.push(`  remedy:   ${remedy}`);
    return lines.join('\n');
  }
}

/** The error with a way out, where it is about a file and names none: who reads the file knows what it is for. */
export function remedied(error: unknown, remedy: string): unknown {
  if (!(error instanceof DeptError) || error.details.remedy !== undefined) return error;
  if (error.code !== 'bad-file' && error.code !== 'not-found') return error;
  return new DeptError(error.code, error.message, { ...error.details, remedy, cause: error });
}

/** What `work` gives; its error is `remedied`. */
export function withRemedy<T>(remedy: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw remedied(error, remedy);
  }
}
