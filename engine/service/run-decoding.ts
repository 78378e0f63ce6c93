/** How a run generates for one request: its own config, changed where the request says so. */
import type { Decoding } from '../contract/decoding-config.ts';
import type { DecodingInForce } from '../contract/evaluations.ts';
import { layOver, parseTrainConfig } from '../contract/parse-config.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { GenerateSettings } from '../decoding/generate-options.ts';
import type { RunFolder } from '../runs/run-folder.ts';

/** The run's config with `decoding` over its own; what is undefined stays. Throws `bad-config` for a wrong value. */
export function runConfig(run: RunFolder, decoding: Partial<Decoding> = {}): TrainConfig {
  const evaluation = Object.fromEntries(Object.entries(decoding).filter(([, value]) => value !== undefined));
  return parseTrainConfig(layOver(parseTrainConfig(run.record().config), { evaluation }));
}

/** The settings of a generation as the config has them, which counts the start token in lengths. */
export function decodingInForce(generation: GenerateSettings): DecodingInForce {
  const { beams, maxLength, minLength, lengthPenalty, earlyStopping, noRepeatNgram, repetitionPenalty } = generation;
  return {
    beams,
    maxLength: maxLength + 1,
    minLength: minLength === 0 ? 0 : minLength + 1,
    lengthPenalty,
    earlyStopping,
    noRepeatNgram,
    repetitionPenalty,
  };
}
