/** How a run's model generates: its config, and where that leaves it open the language model's own defaults. */
import type { Decoding } from '../contract/decoding-config.ts';
import type { GenerateOptions } from '../decoding/generate-options.ts';
import type { GenerationDefaults } from '../decoding/generation-config.ts';

/** The config counts the start token in lengths, as transformers' `max_length` and `min_length` do; options do not. */
export function generateOptions(config: Decoding, defaults: GenerationDefaults): GenerateOptions {
  const { beams, maxLength, minLength } = config;
  return {
    ...defaults,
    beams,
    maxLength: maxLength - 1,
    minLength: minLength === null ? defaults.minLength : Math.max(minLength - 1, 0),
    lengthPenalty: config.lengthPenalty ?? defaults.lengthPenalty,
    earlyStopping: config.earlyStopping ?? defaults.earlyStopping,
    noRepeatNgram: config.noRepeatNgram ?? defaults.noRepeatNgram,
    repetitionPenalty: config.repetitionPenalty ?? defaults.repetitionPenalty,
  };
}
