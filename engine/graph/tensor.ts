/** Symbolic tensors: handles into a graph that has not run yet, and the operations that make them. */
import { DeptError } from '../common/errors.ts';
import type { ElementType, OnnxAttribute } from '../onnx/types.ts';
import { type Dim, type Shape, shapeText } from './dim.ts';

/** What a value is before it exists: element type and shape. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A value in the graph: output number `output` of the node that makes it. */
export interface Tensor extends ValueType {
  readonly id: number;
  readonly node: Node;
  readonly output: number;
}

/** One use of an operation. */
export interface Node {
  readonly operation: Operation<never>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly outputs: readonly Tensor[];
}

/** What `compile` offers an operation that is being written as ONNX nodes. */
export interface Emitter {
  /** Name of a value in the ONNX graph. */
  name(tensor: Tensor): string;
  /** Name of an int64 vector constant. */
  integers(values: readonly number[]): string;
  /** Name of an int64 vector with this shape's extents in the current run. */
  shape(shape: Shape): string;
  /** Name of an int64 vector [1] with this extent in the current run. */
  extent(dim: Dim): string;
  /** Appends a node; returns nothing, outputs are named by the caller. */
  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: string,
  ): void;
  /** A fresh name for an intermediate that has no tensor of its own. */
  fresh(hint: string): string;
}

/** What a gradient rule is given. */
export interface GradientContext<Attributes> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** dL/d output, where the loss depends on that output. */
  readonly gradients: readonly (Tensor | undefined)[];
  /** dL/d first output; for the operations with one. */
  readonly gradient: Tensor;
  /** Whether dL/d input i is wanted; a rule does no work for the others. */
  readonly wanted: readonly boolean[];
}

/** dL/d input for each wanted input (undefined elsewhere, or where the gradient is zero). */
export type GradientRule<Attributes> = (context: GradientContext<Attributes>) => readonly (Tensor | undefined)[];

interface ForwardRules<Attributes> {
  readonly name: string;
  /** What the output is, in one line. */
  readonly computes: string;
  readonly shape: (inputs: readonly Tensor[], attributes: Attributes) => readonly ValueType[];
  readonly emit: (node: NodeOf<Attributes>, emitter: Emitter) => void;
}

interface Differentiable<Attributes> {
  readonly gradient: GradientRule<Attributes>;
  /** The gradient rule in one line: dx is dL/d input x, g is dL/d output. */
  readonly formula: string;
}

/** `'none'`: no gradient flows: indices, comparisons, and the kernels whose composite has the rule. */
interface NotDifferentiable {
  readonly gradient: 'none';
  readonly formula?: never;
}

/** An operation: its shape rule and its gradient rule stand side by side; neither can be left out. */
export type Operation<Attributes> = ForwardRules<Attributes> & (Differentiable<Attributes> | NotDifferentiable);

export interface NodeOf<Attributes> extends Node {
  readonly attributes: Attributes;
}

let tensorCount = 0;

/** Applies an operation: the shape rule runs now, so a wrong graph fails where it is written. */
export function apply<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): readonly Tensor[] {
  const types = operation.shape(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node = { operation: operation as unknown as Operation<never>, inputs, attributes, outputs };
  types.forEach((value, output) => {
    tensorCount += 1;
    outputs.push({ id: tensorCount, type: value.type, shape: value.shape, node, output });
  });
  return outputs;
}

/** `apply` for operations with one output. */
export function applyOne<Attributes>(
  operation: Operation<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Tensor {
  return apply(operation, inputs, attributes)[0]!;
}

/** The error of every shape rule: names the operation, what it wanted and what it was given. */
export function shapeError(operation: string, expected: string, inputs: readonly ValueType[]): DeptError {
  return new DeptError('shape-mismatch', `${operation} cannot take these inputs`, {
    expected,
    got: inputs.map((input) => `${input.type}${shapeText(input.shape)}`).join(', '),
  });
}
