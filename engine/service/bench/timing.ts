/** Stopwatch and median. */

const wallClock = (): number => performance.now() / 1000;
let clock = wallClock;

/** From now on seconds are those that this process computed, on all of its threads: what other work leaves alone. */
export function countCpuTime(): void {
  clock = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
}

/** Seconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = clock();
  await work();
  return clock() - begun;
}

/** Seconds of each of `repeat` passes, after one to warm up. */
export async function timedPasses(pass: () => Promise<unknown>, repeat: number): Promise<number[]> {
  await pass();
  const seconds: number[] = [];
  for (let i = 0; i < repeat; i += 1) seconds.push(await timed(pass));
  return seconds;
}

/** The middle one, of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
