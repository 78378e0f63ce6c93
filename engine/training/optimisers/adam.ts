/** Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019): they differ in where weight decay enters. */
import { checkGradient, type OptimisedTensor, type Optimiser, zeros } from './optimiser.ts';

export interface AdamOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface AdamWOptions extends AdamOptions {
  /**
   * Where epsilon is added: 'uncorrected' to sqrt(v) before bias correction (transformers' old AdamW, which trained the
   * published DePT prompts; spec 1.5), 'corrected' to sqrt(v / (1 - beta2^t)) (Adam's paper, torch).
   */
  readonly epsilonPlacement: 'uncorrected' | 'corrected';
}

/** Weight decay of one update: as a part of the gradient, or as factors on the value before and after the step. */
interface Decay {
  readonly gradient: number;
  readonly before: number;
  readonly after: number;
}

function adamStep(
  { values, state }: OptimisedTensor,
  gradient: Float32Array,
  step: number,
  rate: number,
  { betas: [beta1, beta2], epsilon, epsilonPlacement }: Omit<AdamWOptions, 'weightDecay'>,
  decay: Decay,
): void {
  checkGradient(values, gradient);
  const [first, second] = [state.first!.values, state.second!.values];
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  // (m / c1) / (sqrt(v) / c2 + eps) = (m c2 / c1) / (sqrt(v) + eps c2)
  const stepSize = (rate * correction2) / correction1;
  const offset = epsilonPlacement === 'corrected' ? epsilon * correction2 : epsilon;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const g = gradient[i]! + decay.gradient * value;
    const m = beta1 * first[i]! + (1 - beta1) * g;
    const v = beta2 * second[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    values[i] = (value * decay.before - (stepSize * m) / (Math.sqrt(v) + offset)) * decay.after;
  }
}

const freshState = (shape: readonly number[]) => ({ first: zeros(shape), second: zeros(shape) });

/** torch.optim.Adam: weight decay is an L2 penalty, part of the gradient and so of both moments. */
export function adam(options: AdamOptions): Optimiser {
  const decay = { gradient: options.weightDecay, before: 1, after: 1 };
  return {
    freshState,
    update: (tensor, gradient, step, rate) =>
      adamStep(tensor, gradient, step, rate, { ...options, epsilonPlacement: 'corrected' }, decay),
  };
}

/** Decoupled decay, before the step as in torch or after it as in transformers, each with its own placement of epsilon. */
export function adamW(options: AdamWOptions): Optimiser {
  const decaysFirst = options.epsilonPlacement === 'corrected';
  return {
    freshState,
    update: (tensor, gradient, step, rate) => {
      const kept = 1 - rate * options.weightDecay;
      const decay = { gradient: 0, before: decaysFirst ? kept : 1, after: decaysFirst ? 1 : kept };
      adamStep(tensor, gradient, step, rate, options, decay);
    },
  };
}
