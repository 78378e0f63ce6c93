/** How fast this machine is at what a training step is made of, measured. */

import { compile } from '../graph/compile.ts';
import { graphCost } from '../graph/cost.ts';
import { softmax } from '../graph/ops/activations.ts';
import { add, multiply, sumAll } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { quantisedLinear } from '../graph/ops/quantised-linear.ts';
import { transpose } from '../graph/ops/structure.ts';
import { constant, input, int8Constant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { Session, type Value } from '../runtime/session.ts';

export interface MachineSpeed {
  /** Floating-point operations of matrix products, per second. */
  readonly flops: number;
  /** The same where a matrix is quantised. */
  readonly quantisedFlops: number;
  /** Bytes that elementwise operations, softmax and transpositions read and write, per second. */
  readonly bytes: number;
}

/** Rows of the matrices: about the positions of a batch. */
const ROWS = 2048;
/** Of each of the three measurements, in milliseconds. */
const DURATION = 150;

function matrix(name: string, rows: number, columns: number): { readonly tensor: Tensor; readonly value: Value } {
  const data = new Float32Array(rows * columns).map((_, i) => Math.sin(i));
  const shape = [rows, columns];
  return { tensor: input(name, 'float32', shape), value: { data, shape } };
}

/** Seconds of a run: the shortest, since what else the machine does can only make it longer, and by chance. */
async function secondsOf(y: Tensor, feeds: Record<string, Value>, threads: number | undefined): Promise<number> {
  const session = await Session.create(compile({ y }), { threads });
  try {
    await session.run(feeds);
    let shortest = Number.POSITIVE_INFINITY;
    const end = performance.now() + DURATION;
    do {
      const begun = performance.now();
      await session.run(feeds);
      shortest = Math.min(shortest, (performance.now() - begun) / 1000);
    } while (performance.now() < end);
    return shortest;
  } finally {
    await session.release();
  }
}

async function measure(width: number, inner: number, threads: number | undefined): Promise<MachineSpeed> {
  const [x, w] = [matrix('x', ROWS, width), matrix('w', inner, width)];
  const product = sumAll(matmul(x.tensor, w.tensor, { transB: true }));
  const feeds = { x: x.value, w: w.value };
  const { flops } = graphCost([product], {});
  const productSeconds = await secondsOf(product, feeds, threads);
  const values = int8Constant(new Int8Array(width * inner).fill(1), [width, inner]);
  const scales = constant(Array<number>(inner).fill(1), [inner]);
  const quantised = sumAll(quantisedLinear(x.tensor, { values, scales }, { values, scales }));
  const quantisedSeconds = await secondsOf(quantised, { x: x.value }, threads);
  const mixed = add(softmax(multiply(x.tensor, x.tensor)), x.tensor);
  const elementwise = sumAll(transpose(mixed, [1, 0]));
  const { moved } = graphCost([elementwise], {});
  const elementwiseSeconds = await secondsOf(elementwise, { x: x.value }, threads);
  return {
    flops: flops / productSeconds,
    quantisedFlops: flops / quantisedSeconds,
    bytes: moved / elementwiseSeconds,
  };
}

const measured = new Map<string, Promise<MachineSpeed>>();

/**
 * The speed at products [rows, width] x [width, inner] with this many threads (undefined: as many as there are cores).
 * Takes about 0.6 s the first time; each process measures a size once.
 */
export function machineSpeed(width: number, inner: number, threads: number | undefined): Promise<MachineSpeed> {
  const key = `${width} ${inner} ${threads}`;
  const known = measured.get(key) ?? measure(width, inner, threads);
  measured.set(key, known);
  known.catch(() => measured.delete(key));
  return known;
}
