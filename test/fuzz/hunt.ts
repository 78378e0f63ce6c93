/**
 * Hunts for inputs that break a parser: whatever it is given, it gives a result that holds, or our own error. A failure prints the
 * seed, and the input made as small as it can be; `DEPT_FUZZ_RUNS=20000 DEPT_FUZZ_SEED=1 npx vitest run test/fuzz` looks longer, and elsewhere.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';

const longHunt = process.env.DEPT_FUZZ_RUNS;
const seed = Number(process.env.DEPT_FUZZ_SEED ?? 20_261_130);
const MINUTES = 60_000;

/** An error as a person can use it: short enough to read, and where a file was read naming it. */
function checkError(error: unknown, isFile: boolean): void {
  if (!(error instanceof DeptError)) throw error;
  const { path, ...details } = error.details;
  expect(error.message).not.toBe('');
  expect(JSON.stringify([error.message, details.expected, details.got]).length).toBeLessThan(10_000);
  if (isFile) expect(path, error.message).toBeDefined();
}

export interface Hunt<Input> {
  /** Inputs that are tried in every `npm test`. */
  readonly runs: number;
  readonly inputs: fc.Arbitrary<Input>;
  /** Errors must name a file. Unless given, they must. */
  readonly isFile?: boolean;
  /** Reads the input and checks what came out. */
  readonly read: (input: Input) => void | Promise<void>;
}

/** A test of its own. */
export function hunt<Input>(name: string, { runs, inputs, isFile = true, read }: Hunt<Input>): void {
  const property = fc.asyncProperty(inputs, async (input) => {
    try {
      await read(input);
    } catch (error) {
      checkError(error, isFile);
    }
  });
  const numRuns = longHunt === undefined ? runs : Number(longHunt);
  test(name, { timeout: 20 * MINUTES }, () => fc.assert(property, { numRuns, seed }));
}
