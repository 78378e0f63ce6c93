/** The gradient of one of CLIP's weights against the reference's. */
import type { Differences } from '../fidelity/compared.ts';

interface Expected {
  readonly name: string;
  readonly expected: (tensor: string) => Float32Array;
}

/**
 * A key bias shifts all scores of a query alike: its true gradient is zero and both sides hold rounding noise, which is
 * small beside the gradient of the key's weight.
 */
export function compareGradient(
  differences: Differences,
  actual: Float32Array,
  { name, expected }: Expected,
  tensor: string,
): void {
  const isZero = tensor.endsWith('k_proj.bias');
  const scale = isZero ? Math.max(...expected(tensor.replace('.bias', '.weight')).map(Math.abs)) : 1;
  const wanted = isZero ? new Float32Array(actual.length) : expected(tensor);
  differences.values(
    actual.map((value) => value / scale),
    wanted,
    `${name}, ${tensor}`,
  );
}
