/** Walks over the nodes of a graph that has not been compiled. */
import { bodyOf } from '../../engine/graph/composite.ts';
import type { Node, Tensor } from '../../engine/graph/tensor.ts';

/** The nodes that make these tensors, inputs before users; `from` says which tensors a node is made from. */
export function nodesOf(
  outputs: readonly Tensor[],
  from: (node: Node) => readonly Tensor[],
  known: Iterable<Node> = [],
): Node[] {
  const seen = new Set(known);
  const order: Node[] = [];
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const tensor of from(node)) visit(tensor.node);
    order.push(node);
  };
  for (const output of outputs) visit(output.node);
  return order;
}

export const inputsOf = (node: Node): readonly Tensor[] => node.inputs;
/** Through a composite to what it is made of. */
export const partsOf = (node: Node): readonly Tensor[] => {
  const body = bodyOf(node.outputs[0]!);
  return body === undefined ? node.inputs : [body];
};
