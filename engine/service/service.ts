/** The contract carried out over the engine. */
import { DeptError } from '../common/errors.ts';
import type { Service } from '../contract/calls.ts';

export interface ServiceOptions {
  /** The home folder with models, datasets, features and runs. */
  readonly home: string;
}

export function openService(_options: ServiceOptions): Service {
  throw new DeptError('unsupported', 'Training, evaluation and generation are not in place yet');
}
