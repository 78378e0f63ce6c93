/** Clipping by the global norm, as torch's clip_grad_norm_. */

/** Scales all gradients in place so that their common L2 norm is at most `limit` (0: no limit); returns the norm before. */
export function clipGlobalNorm(gradients: Iterable<Float32Array>, limit: number): number {
  const list = [...gradients];
  let sum = 0;
  for (const gradient of list) for (let i = 0; i < gradient.length; i += 1) sum += gradient[i]! * gradient[i]!;
  const norm = Math.sqrt(sum);
  const factor = limit / (norm + 1e-6); // the guard that torch's clip_grad_norm_ has
  if (limit > 0 && factor < 1) {
    for (const gradient of list) for (let i = 0; i < gradient.length; i += 1) gradient[i]! *= factor;
  }
  return norm;
}
