/** Turns symbolic tensors into an ONNX model: nodes in order, weights by reference, symbolic shapes computed in the graph. */
import { basename, dirname } from 'node:path';
import { DeptError } from '../common/errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/types.ts';
import { bodyOf } from './composite.ts';
import { type Dim, dimTerms, dimText, plainName, type Shape, shapeText } from './dim.ts';
import { constantOperation, type FedValue, inputOperation, type StoredTensor, storedOperation } from './sources.ts';
import type { Emitter, Node, NodeOf, Operation, Tensor, ValueType } from './tensor.ts';

/** A graph ready to run: its bytes, the folder that its external weights lie in, and what goes in and out. */
export interface CompiledGraph {
  readonly model: Uint8Array;
  /** Folder of the weight files; undefined where the graph refers to none. */
  readonly weightsFolder: string | undefined;
  /** The weight files by path, and how many of their bytes the graph counts on. */
  readonly weightFiles: ReadonlyMap<string, number>;
  readonly inputs: ReadonlyMap<string, FedValue>;
  readonly outputs: ReadonlyMap<string, ValueType>;
  readonly nodeCount: number;
}

const opsets = { '': 21, 'com.microsoft': 1 } as const;

/** Every node that the outputs need, inputs before users. */
export function topological(outputs: Iterable<Tensor>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const needs = (node: Node): readonly Tensor[] => {
    const body = bodyOf(node.outputs[0]!);
    return body === undefined ? node.inputs : [body];
  };
  for (const output of outputs) {
    const stack: { node: Node; needs: readonly Tensor[]; next: number }[] = [];
    const visit = (node: Node): void => {
      if (seen.has(node)) return;
      seen.add(node);
      stack.push({ node, needs: needs(node), next: 0 });
    };
    visit(output.node);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const next = top.needs[top.next];
      top.next += 1;
      if (next === undefined) {
        order.push(top.node);
        stack.pop();
      } else visit(next.node);
    }
  }
  return order;
}

function attributesOf<Attributes>(node: Node, operation: Operation<Attributes>): Attributes | undefined {
  return (node.operation as unknown) === operation ? (node.attributes as Attributes) : undefined;
}

class Compilation implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly inputs = new Map<string, FedValue>();
  readonly initializers = new Map<string, OnnxTensor>();
  readonly #names = new Map<Tensor, string>();
  /** Vectors of extents made so far, by the text of the dimension or shape. */
  readonly #extents = new Map<string, string>();
  /** What each name stands for that must be unique: graph inputs, weights, outputs. */
  readonly #claims = new Map<string, string>();
  readonly #weights = new Map<string, StoredTensor>();
  weightsFolder: string | undefined;
  readonly weightFiles = new Map<string, number>();
  #fresh = 0;

  name(tensor: Tensor): string {
    const body = bodyOf(tensor);
    if (body !== undefined) return this.name(body);
    const known = this.#names.get(tensor);
    if (known !== undefined) return known;
    const name = this.#sourceName(tensor) ?? `${tensor.node.operation.name}.${tensor.id}`;
    this.#names.set(tensor, name);
    return name;
  }

  #sourceName(tensor: Tensor): string | undefined {
    const { node } = tensor;
    const fed = attributesOf(node, inputOperation);
    if (fed !== undefined) {
      this.claim(fed.name, 'graph input');
      this.inputs.set(fed.name, { type: fed.type, shape: fed.shape });
      return fed.name;
    }
    const weight = attributesOf(node, storedOperation);
    if (weight !== undefined) return this.#weight(weight);
    const values = attributesOf(node, constantOperation);
    if (values !== undefined) {
      const name = this.fresh('constant');
      this.initializers.set(name, { name, type: values.type, dims: values.shape, data: values.data });
      return name;
    }
    return undefined;
  }

  /** One graph, one name: throws 'bad-input' for the second use. */
  claim(name: string, what: string): void {
    const taken = this.#claims.get(name);
    if (taken !== undefined) {
      throw new DeptError('bad-input', `Two values of one graph are named "${name}"`, { got: `${taken}, ${what}` });
    }
    this.#claims.set(name, what);
  }

  #weight(weight: StoredTensor): string {
    const same = this.#weights.get(weight.name);
    if (same?.file === weight.file && same.offset === weight.offset) return weight.name;
    this.claim(weight.name, `weight in ${weight.file}`);
    this.#weights.set(weight.name, weight);
    const folder = dirname(weight.file);
    if (this.weightsFolder !== undefined && this.weightsFolder !== folder) {
      throw new DeptError('unsupported', 'One graph cannot take weights from two folders', {
        expected: `files in ${this.weightsFolder}`,
        got: weight.file,
      });
    }
    this.weightsFolder = folder;
    const { name, type, shape, offset, length } = weight;
    this.weightFiles.set(weight.file, Math.max(this.weightFiles.get(weight.file) ?? 0, offset + length));
    this.initializers.set(name, { name, type, dims: shape, data: { location: basename(weight.file), offset, length } });
    return name;
  }

  fresh(hint: string): string {
    this.#fresh += 1;
    return `${hint}.${this.#fresh}`;
  }

  /** Vectors with the same values share one initializer. */
  integers(values: readonly number[]): string {
    const name = `integers[${values}]`;
    const data = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    this.initializers.set(name, { name, type: 'int64', dims: [values.length], data });
    return name;
  }

  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.nodes.push({ op, domain, name: `${op}:${outputs[0]}`, inputs, outputs, attributes });
  }

  extent(dim: Dim): string {
    if (typeof dim === 'number') return this.integers([dim]);
    const text = dimText(dim);
    const known = this.#extents.get(text);
    if (known !== undefined) return known;
    const parts = dimTerms(dim).map(({ coefficient, names }) => {
      const factors = names.map((name) => this.#extentOfInput(name));
      if (coefficient !== 1 || factors.length === 0) factors.push(this.integers([coefficient]));
      return this.#chain('Mul', factors);
    });
    const result = this.#chain('Add', parts);
    this.#extents.set(text, result);
    return result;
  }

  #chain(op: 'Add' | 'Mul', names: readonly string[]): string {
    return names.reduce((left, right) => {
      const result = this.fresh('extent');
      this.node(op, [left, right], [result]);
      return result;
    });
  }

  /** The value of a named extent, read from the shape of an input that has it as a whole axis. */
  #extentOfInput(name: string): string {
    const known = this.#extents.get(name);
    if (known !== undefined) return known;
    for (const [inputName, { shape }] of this.inputs) {
      const axis = shape.findIndex((dim) => plainName(dim) === name);
      if (axis < 0) continue;
      const result = this.fresh(`extent.${name}`);
      this.node('Shape', [inputName], [result], {
        start: { kind: 'int', value: axis },
        end: { kind: 'int', value: axis + 1 },
      });
      this.#extents.set(name, result);
      return result;
    }
    throw new DeptError('shape-mismatch', `No graph input has an axis "${name}" to read this extent from`, {
      expected: `an input with "${name}" as one of its axes`,
      got: [...this.inputs.keys()].join(', '),
    });
  }

  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.integers(shape as readonly number[]);
    const text = shapeText(shape);
    const known = this.#extents.get(text);
    if (known !== undefined) return known;
    const parts = shape.map((dim) => this.extent(dim));
    if (parts.length === 1) return parts[0]!;
    const result = this.fresh('shape');
    this.node('Concat', parts, [result], { axis: { kind: 'int', value: 0 } });
    this.#extents.set(text, result);
    return result;
  }
}

function onnxValue(name: string, { type, shape }: ValueType): OnnxValue {
  return { name, type, dims: shape.map((dim) => (typeof dim === 'number' ? dim : dimText(dim))) };
}

/**
 * The ONNX model that computes the named outputs.
 * @throws DeptError 'shape-mismatch' where a symbolic extent cannot be read from any input, 'bad-input' where two of its
 *   inputs, weights and outputs have one name, 'unsupported' where the weights lie in more than one folder (ONNX Runtime
 *   resolves external data against one).
 */
export function compile(outputs: Readonly<Record<string, Tensor>>): CompiledGraph {
  const compilation = new Compilation();
  const order = topological(Object.values(outputs));
  for (const node of order) if ((node.operation as unknown) === inputOperation) compilation.name(node.outputs[0]!);
  for (const node of order) node.operation.emit(node as NodeOf<never>, compilation);
  const results: OnnxValue[] = [];
  for (const [name, tensor] of Object.entries(outputs)) {
    compilation.claim(name, 'output');
    compilation.node('Identity', [compilation.name(tensor)], [name]);
    results.push(onnxValue(name, tensor));
  }
  const model = encodeModel({
    irVersion: 10,
    producer: 'dept-studio',
    opsets,
    graph: {
      name: 'graph',
      nodes: compilation.nodes,
      inputs: [...compilation.inputs].map(([name, value]) => onnxValue(name, value)),
      outputs: results,
      initializers: [...compilation.initializers.values()],
    },
  });
  return {
    model,
    weightsFolder: compilation.weightsFolder,
    weightFiles: compilation.weightFiles,
    inputs: compilation.inputs,
    outputs: new Map(Object.entries(outputs).map(([name, { type, shape }]) => [name, { type, shape }])),
    nodeCount: compilation.nodes.length,
  };
}
