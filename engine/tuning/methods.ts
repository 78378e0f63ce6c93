/** All tuning methods by name. */
import { type DeptOptions, dept } from './dept.ts';
import type { FrozenModel, TuningMethod } from './method.ts';
import { promptTuning } from './prompt-tuning.ts';
import type { SoftPromptOptions } from './soft-prompt.ts';

export type MethodOptions =
  | ({ readonly name: 'dept' } & DeptOptions)
  | ({ readonly name: 'prompt-tuning' } & SoftPromptOptions);

export function createMethod(options: MethodOptions, model: FrozenModel): TuningMethod {
  switch (options.name) {
    case 'dept':
      return dept(options, model);
    case 'prompt-tuning':
      return promptTuning(options, model);
  }
}
