/** The error that an action is expected to end with. */
import { expect } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';

const asRefusal = (error: unknown): DeptError => {
  if (error instanceof DeptError) return error;
  throw error;
};

export function refusal(action: () => unknown): DeptError {
  try {
    action();
  } catch (error) {
    return asRefusal(error);
  }
  return expect.fail('no error was thrown');
}

export const rejection = (promise: Promise<unknown>): Promise<DeptError> =>
  promise.then(() => expect.fail('no error was thrown'), asRefusal);
