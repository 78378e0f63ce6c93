/** Reverse-mode differentiation: one sweep over the nodes that lie between the targets and the loss. */
import { DeptError } from '../common/errors.ts';
import { sameShape, shapeText } from './dim.ts';
import { add } from './ops/elementwise.ts';
import { zeros } from './ops/structure.ts';
import { constant } from './sources.ts';
import type { GradientContext, Node, Tensor } from './tensor.ts';

/** Ancestors of `root` (itself last) in an order in which every node comes after its inputs. */
function ancestors(root: Node): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
  seen.add(root);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const child = top.node.inputs[top.next]?.node;
    top.next += 1;
    if (child === undefined) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(child)) {
      seen.add(child);
      stack.push({ node: child, next: 0 });
    }
  }
  return order;
}

/** dL/d target for each target, as new nodes of the graph. `loss` must be a scalar. */
export function gradient(loss: Tensor, targets: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new DeptError('shape-mismatch', 'The loss of a gradient must be a scalar', {
      expected: '[]',
      got: shapeText(loss.shape),
    });
  }
  return pullBack(loss, constant(1), targets);
}

/**
 * dL/d target for each target, from `seed`, dL/d `output`. Nodes that no target reaches are never visited, so frozen weights
 * cost no gradient. A target that the output does not depend on gets zeros.
 */
export function pullBack(output: Tensor, seed: Tensor, targets: readonly Tensor[]): Tensor[] {
  const order = ancestors(output.node);
  const targetSet = new Set(targets);
  const onPath = new Set<Tensor>();
  for (const node of order) {
    const reached = node.operation.gradient !== 'none' && node.inputs.some((tensor) => onPath.has(tensor));
    for (const made of node.outputs) if (reached || targetSet.has(made)) onPath.add(made);
  }

  const adjoints = new Map<Tensor, Tensor>();
  if (onPath.has(output)) adjoints.set(output, seed);
  for (const node of order.reverse()) {
    const rule = node.operation.gradient;
    const gradients = node.outputs.map((made) => adjoints.get(made));
    const wanted = node.inputs.map((tensor) => onPath.has(tensor));
    if (rule === 'none' || !wanted.includes(true) || gradients.every((g) => g === undefined)) continue;
    const context = {
      inputs: node.inputs,
      outputs: node.outputs,
      attributes: node.attributes,
      gradients,
      gradient: gradients[0],
      wanted,
    } as unknown as GradientContext<never>;
    const shares = rule(context);
    node.inputs.forEach((tensor, i) => {
      const share = shares[i];
      if (!wanted[i] || share === undefined) return;
      if (share.type !== tensor.type || !sameShape(share.shape, tensor.shape)) {
        throw new DeptError('shape-mismatch', `The gradient of ${node.operation.name} does not fit its input`, {
          expected: `${tensor.type}${shapeText(tensor.shape)}`,
          got: `${share.type}${shapeText(share.shape)}`,
        });
      }
      const sum = adjoints.get(tensor);
      adjoints.set(tensor, sum === undefined ? share : add(sum, share));
    });
  }
  return targets.map((target) => adjoints.get(target) ?? zeros(target.shape));
}
