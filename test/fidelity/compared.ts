/** A test that compares the engine with a reference implementation and fills a row of the fidelity table (`table.ts`). */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { largestDifference } from './largest-difference.ts';
import { type FidelityRow, rowName } from './row.ts';

export { pinned } from './row.ts';

declare module 'vitest' {
  interface TaskMeta {
    fidelity?: FidelityRow;
  }
}

/** What of a row is known before its test has run. */
export interface Subject extends Omit<FidelityRow, 'cases' | 'largest'> {
  /** The data from outside the repository is not here: the test is skipped, by name. */
  readonly skip?: boolean;
}

/** Counts cases and keeps the largest difference. */
export class Differences {
  cases = 0;
  largest = 0;
  readonly #subject: Subject;
  #differing = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** One number or tensor, the reference's second; `label` names it when it is too far off. */
  values(actual: ArrayLike<number> | number, expected: ArrayLike<number> | number, label: string): void {
    const own = typeof actual === 'number' ? [actual] : actual;
    const wanted = typeof expected === 'number' ? [expected] : expected;
    const { difference: absolute, size } = largestDifference(own, wanted, `${label}: number of values`);
    const isRelative = this.#subject.measure === 'relative';
    if (isRelative) expect(size, `${label}: beside infinity nothing differs`).toBeLessThan(Infinity);
    const difference = isRelative && size > 0 ? absolute / size : absolute;
    this.cases += 1;
    this.largest = Math.max(this.largest, difference);
    expect(difference, label).toBeLessThanOrEqual(this.#subject.allowed); // not so for NaN
  }

  /** One case that is the same or not: ids, texts, counts. In a row of values it must be the same. */
  same(actual: unknown, expected: unknown, label: string): void {
    const { measure, allowed } = this.#subject;
    this.cases += 1;
    if (!isDeepStrictEqual(actual, expected)) {
      if (measure !== 'identical' || allowed === 0) expect(actual, label).toEqual(expected);
      this.#differing += 1;
    }
    if (measure === 'identical') this.largest = this.#differing / this.cases;
  }
}

/** A test that is a row. It fails where nothing was compared, or one difference is larger than allowed. */
export function compared(subject: Subject, body: (differences: Differences) => void | Promise<void>): void {
  const { skip = false, ...known } = subject;
  test.skipIf(skip)(rowName(known), async ({ task }) => {
    const differences = new Differences(subject);
    await body(differences);
    const { cases, largest } = differences;
    expect(cases, 'cases compared').toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(known.allowed);
    task.meta.fidelity = { ...known, cases, largest };
  });
}
