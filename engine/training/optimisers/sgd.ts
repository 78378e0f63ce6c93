/** Gradient descent with momentum, as torch.optim.SGD has it (without dampening). */
import { checkGradient, type Optimiser, type OptimiserState, zeros } from './optimiser.ts';

export interface SgdOptions {
  /** 0: none, and no state. */
  readonly momentum: number;
  /** Steps along g + momentum * b instead of the velocity b. */
  readonly nesterov: boolean;
  /** L2 penalty: a part of the gradient. */
  readonly weightDecay: number;
}

export function sgd({ momentum, nesterov, weightDecay }: SgdOptions): Optimiser {
  return {
    freshState: (shape): OptimiserState => (momentum === 0 ? {} : { velocity: zeros(shape) }),
    update: ({ values, state }, gradient, _step, rate) => {
      checkGradient(values, gradient);
      const velocity = state.velocity?.values;
      for (let i = 0; i < values.length; i += 1) {
        const g = gradient[i]! + weightDecay * values[i]!;
        let direction = g;
        if (velocity !== undefined) {
          const b = momentum * velocity[i]! + g;
          velocity[i] = b;
          direction = nesterov ? g + momentum * b : b;
        }
        values[i] = values[i]! - rate * direction;
      }
    },
  };
}
