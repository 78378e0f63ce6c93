/** Runs a graph once, on one thread. */
import { compile } from '../../engine/graph/compile.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';

export async function runGraph(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Value>>,
): Promise<Record<string, Value>> {
  const session = await Session.create(compile(outputs), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
