/** Prompt tuning (Lester et al. 2021): l virtual tokens before the text, the vanilla PT of the DePT paper. l d values. */
import type { FrozenModel, TuningMethod } from './method.ts';
import { prependPrompt, type SoftPromptOptions, softPromptParameter } from './soft-prompt.ts';

export function promptTuning(options: SoftPromptOptions, model: FrozenModel): TuningMethod {
  return {
    name: 'prompt-tuning',
    promptLength: options.promptLength,
    parameters: [softPromptParameter(options, model)],
    front: prependPrompt,
  };
}
