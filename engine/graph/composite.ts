/** Composite operations: a forward graph of ordinary operations under one gradient rule of its own. */
import { applyOne, type Operation, type Tensor } from './tensor.ts';

interface CompositeAttributes {
  readonly label: string;
  /** The value itself; gradients do not go through it but through `rule`. */
  readonly body: Tensor;
  readonly rule: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
}

/** In the graph a composite is its body: `compile` gives both the same name. */
export const compositeOperation: Operation<CompositeAttributes> = {
  name: 'Composite',
  shape: (_inputs, { body }) => [{ type: body.type, shape: body.shape }],
  gradient: ({ attributes: { rule }, gradient, wanted }) => rule(gradient, wanted),
  emit: () => {},
};

/** The body of a composite node, or undefined for any other. */
export function bodyOf(tensor: Tensor): Tensor | undefined {
  if ((tensor.node.operation as unknown) !== compositeOperation) return undefined;
  return (tensor.node.attributes as CompositeAttributes).body;
}

/**
 * `body`, built from `inputs`, with a gradient rule that replaces the one of its parts: shorter, or more accurate, and
 * free to reuse what the forward pass has computed.
 */
export function composite(
  label: string,
  inputs: readonly Tensor[],
  body: Tensor,
  rule: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[],
): Tensor {
  return applyOne(compositeOperation, inputs, { label, body, rule });
}
