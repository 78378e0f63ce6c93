/**
 * Symbolic dimensions: integer polynomials over named extents (`batch`, `text`, ...), so that `prompt + text` and
 * `batch * text` are dimensions as good as any and two of them can be compared when the graph is built.
 */
import { DeptError } from '../common/errors.ts';

/** A sum of products: `"" -> constant`, `"batch*text" -> coefficient`. Names in a product are sorted. */
class Polynomial {
  readonly terms: ReadonlyMap<string, number>;
  readonly text: string;

  constructor(terms: ReadonlyMap<string, number>) {
    const kept = [...terms].filter(([, coefficient]) => coefficient !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
    this.terms = new Map(kept);
    this.text = kept
      .map(([product, c]) => (product === '' ? String(c) : c === 1 ? product : `${c}*${product}`))
      .join('+');
  }
}

/** A number, or a polynomial made by `named`, `addDims` and `multiplyDims`. */
export type Dim = number | Polynomial;
export type Shape = readonly Dim[];

/** The values of the named extents in one run. */
export type Extents = Readonly<Record<string, number>>;

/** The dimension with this name: a letter, then letters, digits, dots and underscores. */
export function named(name: string): Dim {
  if (!/^[A-Za-z][\w.]*$/.test(name)) {
    throw new DeptError('bad-input', 'A dimension cannot have this name', {
      expected: 'a letter, then letters, digits, dots and underscores',
      got: `"${name}"`,
    });
  }
  return new Polynomial(new Map([[name, 1]]));
}

function termsOf(dim: Dim): ReadonlyMap<string, number> {
  return typeof dim === 'number' ? new Map([['', dim]]) : dim.terms;
}

function simplified(terms: ReadonlyMap<string, number>): Dim {
  const polynomial = new Polynomial(terms);
  if (polynomial.terms.size === 0) return 0;
  const constant = polynomial.terms.get('');
  return polynomial.terms.size === 1 && constant !== undefined ? constant : polynomial;
}

export function addDims(...dims: readonly Dim[]): Dim {
  const sum = new Map<string, number>();
  for (const dim of dims) {
    for (const [product, c] of termsOf(dim)) sum.set(product, (sum.get(product) ?? 0) + c);
  }
  return simplified(sum);
}

export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, multiplyDims(b, -1));
}

export function multiplyDims(...dims: readonly Dim[]): Dim {
  let product: ReadonlyMap<string, number> = new Map([['', 1]]);
  for (const dim of dims) {
    const next = new Map<string, number>();
    for (const [left, a] of product) {
      for (const [right, b] of termsOf(dim)) {
        const names = [...left.split('*'), ...right.split('*')].filter((name) => name !== '').sort();
        const key = names.join('*');
        next.set(key, (next.get(key) ?? 0) + a * b);
      }
    }
    product = next;
  }
  return simplified(product);
}

export function dimText(dim: Dim): string {
  return typeof dim === 'number' ? String(dim) : dim.text;
}

export function shapeText(shape: Shape): string {
  return `[${shape.map(dimText).join(', ')}]`;
}

export function sameDim(a: Dim, b: Dim): boolean {
  return dimText(a) === dimText(b);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]!));
}

/** The name of a dimension that is nothing but a name. */
export function plainName(dim: Dim): string | undefined {
  if (typeof dim === 'number' || dim.terms.size !== 1) return undefined;
  const [[product, coefficient]] = [...dim.terms] as [[string, number]];
  return coefficient === 1 && !product.includes('*') ? product : undefined;
}

/** The terms of a dimension as (coefficient, names) pairs. */
export function dimTerms(dim: Dim): { coefficient: number; names: readonly string[] }[] {
  return [...termsOf(dim)].map(([product, coefficient]) => ({
    coefficient,
    names: product === '' ? [] : product.split('*'),
  }));
}

/** The value of a dimension once every named extent is known. */
export function evaluateDim(dim: Dim, extents: Extents): number {
  let sum = 0;
  for (const { coefficient, names } of dimTerms(dim)) {
    let product = coefficient;
    for (const name of names) {
      const value = extents[name];
      if (value === undefined) {
        throw new DeptError('shape-mismatch', `The extent "${name}" of a symbolic dimension has no value`, {
          expected: `a number for ${name} in ${dimText(dim)}`,
          got: `values for ${Object.keys(extents).join(', ') || 'nothing'}`,
        });
      }
      product *= value;
    }
    sum += product;
  }
  return sum;
}
