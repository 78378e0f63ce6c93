/** What a graph costs to run, before it is: products to compute, bytes to move, and most bytes held at one time. */
import { topological } from './compile.ts';
import { bodyOf } from './composite.ts';
import { type Dim, type Extents, evaluateDim } from './dim.ts';
import { constantOperation, inputOperation, storedOperation } from './sources.ts';
import type { Node, Tensor } from './tensor.ts';

export interface GraphCost {
  /** Floating-point operations of matrix products and convolutions: two for each multiplication with its addition. */
  readonly flops: number;
  /** Of `flops`, those with quantised matrices. */
  readonly quantisedFlops: number;
  /** Bytes that all other operations read and write. */
  readonly moved: number;
  /** Largest sum of bytes of the values alive at one time, in the order in which they are made: weights and feeds apart. */
  readonly peak: number;
  /** Bytes of the weights as the graph computes with them, float32 or int8, each once. */
  readonly weights: number;
  /** Bytes that ONNX Runtime keeps for them: one copy, packed, for each product with a matrix, and one for all other uses. */
  readonly packedWeights: number;
}

const elementBytes: Readonly<Record<Tensor['type'], number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
  bool: 1,
} as Readonly<Record<Tensor['type'], number>>;

const QUANTISED = 'DynamicQuantizeMatMul';

/** Multiplications for each element of the output (of the input, for ConvTranspose). */
const products: Readonly<Record<string, (node: Node) => { readonly of: Tensor; readonly times: readonly Dim[] }>> = {
  MatMul: ({ inputs: [a], outputs: [y], attributes }) => {
    const { transA } = attributes as { readonly transA: boolean };
    return { of: y!, times: [a!.shape.at(transA ? -2 : -1)!] };
  },
  [QUANTISED]: ({ inputs: [x], outputs: [y] }) => ({ of: y!, times: [x!.shape.at(-1)!] }),
  Conv: ({ inputs: [, kernel], outputs: [y] }) => ({ of: y!, times: kernel!.shape.slice(1) }),
  ConvTranspose: ({ inputs: [x, kernel] }) => ({ of: x!, times: kernel!.shape.slice(1) }),
};

const isProduct = ({ operation: { name } }: Node): boolean => name === 'MatMul' || name === QUANTISED;

/** Operations that read only as much of their first input as they give out. */
const readsRows: ReadonlySet<string> = new Set(['Gather', 'GatherElements', 'Slice']);

const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'After']);

/** The same memory under another shape, or nothing but a name. */
function isView({ operation, outputs }: Node): boolean {
  return VIEWS.has(operation.name) || bodyOf(outputs[0]!) !== undefined;
}

/** Made once, when the graph is loaded: sources, and weights cast to float32. */
function isFixed(node: Node): boolean {
  const operation = node.operation as unknown;
  if (operation === storedOperation || operation === constantOperation) return true;
  return node.operation.name === 'Cast' && isFixed(node.inputs[0]!.node);
}

const isGiven = (node: Node): boolean => isFixed(node) || (node.operation as unknown) === inputOperation;

/** The cost of one run with these extents. */
export function graphCost(outputs: readonly Tensor[], extents: Extents): GraphCost {
  const order = topological(outputs);
  const elements = ({ shape }: Tensor): number =>
    shape.reduce<number>((product, dim) => product * evaluateDim(dim, extents), 1);
  const bytes = (tensor: Tensor): number => elements(tensor) * elementBytes[tensor.type];
  /** The tensor in whose memory this one lies. */
  const owner = (tensor: Tensor): Tensor => {
    if (!isView(tensor.node)) return tensor;
    return owner(bodyOf(tensor) ?? tensor.node.inputs[0]!);
  };

  const lastUse = new Map<Tensor, number>();
  order.forEach((node, place) => {
    if (isView(node)) return;
    for (const tensor of [...node.outputs, ...node.inputs]) lastUse.set(owner(tensor), place);
  });
  for (const output of outputs) lastUse.set(owner(output), order.length);
  const dying = Map.groupBy(lastUse.keys(), (tensor) => lastUse.get(tensor)!);

  /** Copies of each weight by what they are for. */
  const copies = new Map<Tensor, Set<Node | 'other'>>();
  const note = (tensor: Tensor, use: Node | 'other'): void => {
    if (tensor.node.operation.name === 'Cast' && isFixed(tensor.node)) note(tensor.node.inputs[0]!, use);
    else if ((tensor.node.operation as unknown) === storedOperation) {
      copies.set(tensor, (copies.get(tensor) ?? new Set()).add(use));
    }
  };

  let [flops, quantisedFlops, moved, live, peak] = [0, 0, 0, 0, 0];
  order.forEach((node, place) => {
    if (isView(node) || isGiven(node)) return;
    for (const output of node.outputs) live += bytes(output);
    peak = Math.max(peak, live);
    for (const tensor of dying.get(place) ?? []) if (!isGiven(tensor.node)) live -= bytes(tensor);
    node.inputs.forEach((tensor, i) => {
      note(tensor, i === 1 && tensor.shape.length === 2 && isProduct(node) ? node : 'other');
    });
    const product = products[node.operation.name]?.(node);
    if (product === undefined) {
      const read = readsRows.has(node.operation.name) ? node.outputs : node.inputs;
      for (const tensor of [...read, ...node.outputs]) moved += bytes(tensor);
    } else {
      const own = 2 * elements(product.of) * product.times.reduce<number>((n, dim) => n * evaluateDim(dim, extents), 1);
      flops += own;
      if (node.operation.name === QUANTISED) quantisedFlops += own;
    }
  });
  const stored = [...copies].map(([tensor, uses]) => ({
    bytes: elements(tensor) * (tensor.type === 'int8' ? 1 : 4),
    copies: uses.size,
  }));
  return {
    flops,
    quantisedFlops,
    moved,
    peak,
    weights: stored.reduce((sum, one) => sum + one.bytes, 0),
    packedWeights: stored.reduce((sum, one) => sum + one.bytes * one.copies, 0),
  };
}
