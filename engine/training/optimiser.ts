/** AdamW over named parameters in groups that each have their own learning rate. */
import { DeptError } from '../common/errors.ts';

export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /**
   * Where epsilon is added: 'uncorrected' to sqrt(v) before bias correction (transformers' old AdamW, which trained the
   * published DePT prompts; spec 1.5), 'corrected' to sqrt(v / (1 - beta2^t)) (Adam's paper, torch).
   */
  readonly epsilonPlacement: 'uncorrected' | 'corrected';
}

/** First and second moment of one parameter. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** One parameter's update in place, at step t (from 1) with learning rate `rate`. */
export function adamWUpdate(
  parameter: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  step: number,
  rate: number,
  { betas: [beta1, beta2], epsilon, weightDecay, epsilonPlacement }: AdamWOptions,
): void {
  if (gradient.length !== parameter.length) {
    throw new DeptError('shape-mismatch', 'A gradient does not fit its parameter', {
      expected: `${parameter.length} values`,
      got: `${gradient.length}`,
    });
  }
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  // (m / c1) / (sqrt(v) / c2 + eps) = (m c2 / c1) / (sqrt(v) + eps c2)
  const stepSize = (rate * correction2) / correction1;
  const offset = epsilonPlacement === 'corrected' ? epsilon * correction2 : epsilon;
  const decay = rate * weightDecay;
  const decayFirst = epsilonPlacement === 'corrected'; // torch decays before the step, transformers after it
  for (let i = 0; i < parameter.length; i += 1) {
    const g = gradient[i]!;
    const m = beta1 * first[i]! + (1 - beta1) * g;
    const v = beta2 * second[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const before = parameter[i]!;
    const update = (stepSize * m) / (Math.sqrt(v) + offset);
    parameter[i] = decayFirst ? before * (1 - decay) - update : (before - update) * (1 - decay);
  }
}

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
