/** How a node of ONNX becomes operations of the engine. */
import type { Tensor } from '../../engine/graph/tensor.ts';
import type { OnnxNode } from '../../engine/onnx/types.ts';

/** An input of the node: in the graph, and as the numbers that it has. */
export interface Operand {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** The attributes of a node. */
export class Attributes {
  readonly #node: OnnxNode;

  constructor(node: OnnxNode) {
    this.#node = node;
  }

  number(name: string, otherwise: number): number {
    const attribute = this.#node.attributes[name];
    return attribute?.kind === 'int' || attribute?.kind === 'float' ? Number(attribute.value) : otherwise;
  }

  numbers(name: string): readonly number[] | undefined {
    const attribute = this.#node.attributes[name];
    return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
  }

  text(name: string, otherwise: string): string {
    const attribute = this.#node.attributes[name];
    return attribute?.kind === 'string' ? attribute.value : otherwise;
  }

  get outputs(): number {
    return this.#node.outputs.length;
  }
}

/** The outputs of the node, in its order, perhaps not the last ones; undefined where the engine has no such operation. */
export type Rule = (inputs: readonly Operand[], attributes: Attributes) => readonly Tensor[] | undefined;
