/**
 * Parts of a graph whose inner values are not kept for their gradient but made anew: memory for time (Chen et al. 2016,
 * "Training Deep Nets with Sublinear Memory Cost").
 */
import { composite, compositeOperation } from '../composite.ts';
import { pullBack } from '../gradient.ts';
import { inputOperation } from '../sources.ts';
import { applyOne, type Node, type Operation, type Tensor } from '../tensor.ts';

/**
 * ONNX Runtime orders nodes by what they need, and merges equal ones. A shape that is read from g, times zero, is a need that
 * costs nothing: the second computation is another one than the first, and cannot begin before g is there.
 */
const afterOperation: Operation<Record<string, never>> = {
  name: 'After',
  computes: 'x, once g is there: the kernel of Recomputed',
  shape: ([x]) => [{ type: x!.type, shape: x!.shape }],
  gradient: 'none', // what is made anew is differentiated down to here
  emit: ({ inputs: [x, g], outputs: [y] }, emitter) => {
    const [own, later, nothing, shape] = ['own', 'later', 'nothing', 'shape'].map((hint) => emitter.fresh(hint));
    emitter.node('Shape', [emitter.name(x!)], [own!]);
    emitter.node('Shape', [emitter.name(g!)], [later!], {
      start: { kind: 'int', value: 0 },
      end: { kind: 'int', value: 1 },
    });
    emitter.node('Mul', [later!, emitter.integers([0])], [nothing!]);
    emitter.node('Add', [own!, nothing!], [shape!]);
    emitter.node('Reshape', [emitter.name(x!), shape!], [emitter.name(y!)], { allowzero: { kind: 'int', value: 1 } });
  },
};

/** x, which cannot be read before g has been computed. g has an axis at least. */
export function after(x: Tensor, g: Tensor): Tensor {
  return applyOne(afterOperation, [x, g], {});
}

const recomputedOperation = compositeOperation(
  'Recomputed',
  'a part of the graph whose inner values are not kept',
  'that of the part, computed a second time once g is there',
);

/** What is fed to the graph and reaches `body` by other ways than `inputs`. */
function fedBeside(body: Tensor, inputs: readonly Tensor[]): Tensor[] {
  const found: Tensor[] = [];
  const seen = new Set<Node>(inputs.map(({ node }) => node));
  const waiting = [body.node];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if ((node.operation as unknown) === inputOperation) found.push(node.outputs[0]!);
    waiting.push(...node.inputs.map((tensor) => tensor.node));
  }
  return found;
}

/**
 * `build(inputs)`, of which the gradient keeps nothing but the inputs. `build` is called a second time by the gradient, and must
 * then build the same; what it takes from around it counts as kept.
 */
export function recomputed(build: (inputs: readonly Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor {
  const body = build(inputs);
  const beside = fedBeside(body, inputs);
  return composite(recomputedOperation, [...inputs, ...beside], body, (g, wanted) => {
    const again = inputs.map((x) => after(x, g));
    const sources = [...again, ...beside];
    const targets = sources.filter((_, i) => wanted[i]);
    const gradients = new Map(pullBack(build(again), g, targets).map((share, i) => [targets[i], share]));
    return sources.map((source) => gradients.get(source));
  });
}

export const recomputeOperations = [afterOperation, recomputedOperation] as const;
