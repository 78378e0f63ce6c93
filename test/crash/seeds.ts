/** How often each kind of work is killed, and how many at a time. */
import { availableParallelism } from 'node:os';

/** Few where a change is tested, as many as one has time for in a soak. */
export const SEEDS = Number(process.env.DEPT_CRASH_SEEDS ?? 12);

/** Of a process of these tests that ended in a `DeptError`. */
export const REFUSED = 2;

/** Does the work for each, on all cores. */
export async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
