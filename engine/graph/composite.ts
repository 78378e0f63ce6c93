/** Composite operations: a forward graph of ordinary operations under one gradient rule of its own. */
import { applyOne, type GradientRule, type Operation, type Tensor } from './tensor.ts';

interface CompositeAttributes {
  /** The value itself; gradients do not go through it but through `rule`. */
  readonly body: Tensor;
  readonly rule: CompositeRule;
}

/** dL/d input for each wanted input, from dL/d body. */
type CompositeRule = (gradient: Tensor, wanted: readonly boolean[]) => ReturnType<GradientRule<CompositeAttributes>>;

export type CompositeOperation = Operation<CompositeAttributes> & { readonly composite: true };

/** An operation that in the graph is nothing but its body: `compile` gives both the same name. */
export function compositeOperation(name: string, computes: string, formula: string): CompositeOperation {
  return {
    composite: true,
    name,
    computes,
    shape: (_inputs, { body }) => [{ type: body.type, shape: body.shape }],
    formula,
    gradient: ({ attributes: { rule }, gradient, wanted }) => rule(gradient, wanted),
    emit: () => {},
  };
}

/** The body of a composite's output, or undefined for any other tensor. */
export function bodyOf({ node }: Tensor): Tensor | undefined {
  return 'composite' in node.operation ? (node.attributes as CompositeAttributes).body : undefined;
}

/**
 * `body`, built from `inputs`, with a gradient rule that replaces the one of its parts: shorter, or more accurate, and
 * free to reuse what the forward pass has computed.
 */
export function composite(
  operation: CompositeOperation,
  inputs: readonly Tensor[],
  body: Tensor,
  rule: CompositeRule,
): Tensor {
  return applyOne(operation, inputs, { body, rule });
}
