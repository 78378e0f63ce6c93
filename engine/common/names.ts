/** Names that become folders: of models, datasets and the like. */
import { DeptError } from './errors.ts';

/** Letters, digits, dot, dash and underscore, up to 100; a letter or digit at both ends. Safe on every file system. */
const SAFE_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;

/** Throws `bad-input` for a name that cannot be a folder. `what` says what is named, such as 'model'. */
export function checkName(name: string, what: string): void {
  if (SAFE_NAME.test(name)) return;
  throw new DeptError('bad-input', `The ${what} cannot be called '${name}'`, {
    expected: 'up to 100 letters, digits, dots, dashes and underscores, with a letter or digit first and last',
    got: `'${name}'`,
    remedy: `Give the ${what} another name.`,
  });
}
