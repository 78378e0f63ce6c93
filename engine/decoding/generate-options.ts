/** What can be asked of a generation, in transformers' terms: defaults and checks. */
import { DeptError } from '../common/errors.ts';
import type { BeamRules } from './beam-search.ts';
import type { ScoreRules } from './score-rules.ts';

/** Complete options. With one beam the search is greedy: length penalty and early stopping do not apply. */
export interface GenerateSettings extends Omit<BeamRules, 'eosId'>, ScoreRules {
  /** How many answers to give for each prompt, at most `beams`. */
  readonly returnSequences: number;
}

/**
 * `maxLength` is the most ids of an answer, the end id among them and the start id not (transformers' `max_new_tokens`);
 * the rest has transformers' defaults.
 */
export type GenerateOptions = Pick<GenerateSettings, 'beams' | 'maxLength'> & Partial<GenerateSettings>;

/** Fills in the defaults. Throws `bad-input` for a value out of range, and for options that contradict each other. */
export function completeOptions(
  options: GenerateOptions,
  { vocabularySize }: { readonly vocabularySize: number },
): GenerateSettings {
  const { beams, maxLength, lengthPenalty = 1, earlyStopping = false, returnSequences = 1 } = options;
  const { minLength = 0, noRepeatNgram = 0, repetitionPenalty = 1, forcedBosId, forcedEosId } = options;
  checkWhole('The number of beams', beams, 1);
  checkWhole('The maximum length', maxLength, 1);
  checkWhole('The minimum length', minLength, 0, maxLength, ', the maximum length');
  checkWhole('The number of answers', returnSequences, 1, beams, ', the beams');
  checkWhole('The length of sequences that must not repeat', noRepeatNgram, 0);
  check(Number.isFinite(lengthPenalty), 'The length penalty', lengthPenalty, 'a finite number');
  const positive = repetitionPenalty > 0 && repetitionPenalty < Infinity;
  check(positive, 'The repetition penalty', repetitionPenalty, 'a number above 0');
  for (const id of [forcedBosId, forcedEosId]) {
    if (id !== undefined) checkWhole('A forced id', id, 0, vocabularySize - 1, ', the vocabulary');
  }
  return { ...options, lengthPenalty, earlyStopping, minLength, noRepeatNgram, repetitionPenalty, returnSequences };
}

function checkWhole(what: string, value: number, least: number, most = Infinity, of = ''): void {
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}${of}`;
  check(Number.isInteger(value) && value >= least && value <= most, what, value, `a whole number ${range}`);
}

function check(fits: boolean, what: string, got: number, expected: string): void {
  if (!fits) throw new DeptError('bad-input', `${what} cannot be ${got}`, { expected, got: String(got) });
}
