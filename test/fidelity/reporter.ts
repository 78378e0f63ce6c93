/** Writes the rows that `compared` tests filled into a file, for `table.ts`. */
import { join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import type { FidelityRow } from './row.ts';

/** What the last whole test run compared, and the names of the tests it skipped. */
export interface RunRecord {
  readonly rows: readonly FidelityRow[];
  readonly skipped: readonly string[];
}

export const recordPath = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'dept-fidelity.json');

export default class FidelityReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  /** Leaves the record as it is where only some test files were run. */
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const all = await this.#vitest!.globTestSpecifications();
    if (modules.length < all.length) return;
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const record: RunRecord = {
      rows: tests.flatMap((test) => test.meta().fidelity ?? []),
      skipped: tests.filter((test) => test.result().state === 'skipped').map(({ name }) => name),
    };
    writeJsonAtomic(recordPath, record);
  }
}
