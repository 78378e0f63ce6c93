/**
 * A random graph as plain JSON: what is fed, and which operation is applied to what. From it come the graph itself, its
 * value in float64 (`graph.ts`), and the same function in torch (test/golden/make-graphs.py).
 */
import {
  addDims,
  type Dim,
  dimText,
  type Extents,
  evaluateDim,
  multiplyDims,
  named,
} from '../../../engine/graph/dim.ts';

/** A dimension as `dimText` writes it: 3, "batch", "1+2*text". */
type DimText = number | string;
type Attributes = Readonly<Record<string, DimText | boolean | readonly DimText[]>>;

export interface InputDescription {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  readonly shape: readonly DimText[];
  /** Integers; those of a float32 input are odd and count 128ths, so that no value is zero. */
  readonly values: readonly number[];
  /** The loss is differentiated by this input. */
  readonly trained: boolean;
}

export interface Step {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface GraphDescription {
  /** What the named dimensions are. */
  readonly extents: Extents;
  readonly inputs: readonly InputDescription[];
  /** The last one's output is the loss, a scalar. */
  readonly steps: readonly Step[];
}

export function dimOf(text: DimText): Dim {
  if (typeof text === 'number') return text;
  const factor = (part: string): Dim => (/^-?\d+$/.test(part) ? Number(part) : named(part));
  return addDims(...text.split('+').map((term) => multiplyDims(...term.split('*').map(factor))));
}

export const describeDim = (dim: Dim): DimText => (typeof dim === 'number' ? dim : dimText(dim));

/** Attributes with every dimension changed; flags stay. */
export function mapAttributes<From, To>(
  attributes: Readonly<Record<string, From | boolean | readonly From[]>>,
  change: (dim: From) => To,
): Record<string, To | boolean | readonly To[]> {
  const entries = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'boolean') return [name, value];
    return [name, Array.isArray(value) ? value.map(change) : change(value as From)];
  });
  return Object.fromEntries(entries);
}

/** The extent of a described dimension. */
export const extentOf =
  (extents: Extents) =>
  (text: DimText): number =>
    evaluateDim(dimOf(text), extents);
