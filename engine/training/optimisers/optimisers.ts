/** All optimisers by name. */
import { type AdafactorOptions, adafactor } from './adafactor.ts';
import { type AdamOptions, type AdamWOptions, adam, adamW } from './adam.ts';
import type { Optimiser } from './optimiser.ts';
import { type SgdOptions, sgd } from './sgd.ts';

export type OptimiserOptions =
  | ({ readonly name: 'adamw' } & AdamWOptions)
  | ({ readonly name: 'adam' } & AdamOptions)
  | ({ readonly name: 'adafactor' } & AdafactorOptions)
  | ({ readonly name: 'sgd' } & SgdOptions);

export function createOptimiser(options: OptimiserOptions): Optimiser {
  switch (options.name) {
    case 'adamw':
      return adamW(options);
    case 'adam':
      return adam(options);
    case 'adafactor':
      return adafactor(options);
    case 'sgd':
      return sgd(options);
  }
}
