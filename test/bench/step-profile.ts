/** Where the time of a step goes, from the file that ONNX Runtime writes of a profiled session. */
import { readFileSync } from 'node:fs';

interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

export interface Share {
  readonly operator: string;
  readonly milliseconds: number;
  readonly nodes: number;
}

/** Of a mean run, by ONNX operator, the longest first; the first run, which warms up, is left out. */
export function profileShares(file: string): Share[] {
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[];
  const ends = events.flatMap(({ name }, i) => (name === 'model_run' ? [i] : []));
  const warm = events.slice(ends[0]! + 1);
  const runs = ends.length - 1;
  const kernels = warm.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  return [...Map.groupBy(kernels, ({ args }) => args?.op_name ?? '')]
    .map(([operator, own]) => ({
      operator,
      milliseconds: own.reduce((sum, { dur }) => sum + dur, 0) / 1000 / runs,
      nodes: own.length / runs,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
