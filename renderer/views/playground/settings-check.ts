/** How to generate, as fields hold it, and what is wrong with it. Pure. */
import { decodingChangesSchema, tryRequestSchema } from '../../../engine/contract/try-out.ts';

export const decodingNames = [
  'beams',
  'maxLength',
  'minLength',
  'lengthPenalty',
  'noRepeatNgram',
  'repetitionPenalty',
] as const;

export type DecodingName = (typeof decodingNames)[number];

/** Undefined: as the run's own config says. */
export type DecodingSettings = Record<DecodingName, number | undefined>;

export type SettingName = DecodingName | 'answers';

export type TrySettings = Record<SettingName, number | undefined>;

export const usualDecoding: Readonly<DecodingSettings> = {
  beams: undefined,
  maxLength: undefined,
  minLength: undefined,
  lengthPenalty: undefined,
  noRepeatNgram: undefined,
  repetitionPenalty: undefined,
};

export const usualSettings: Readonly<TrySettings> = { ...usualDecoding, answers: 3 };

export type SettingErrors = Partial<Record<SettingName, string>>;

/** A sentence for each field that cannot be. */
export function decodingErrors(decoding: DecodingSettings): SettingErrors {
  const errors: SettingErrors = {};
  for (const { path, message } of decodingChangesSchema.safeParse(decoding).error?.issues ?? []) {
    errors[path[0] as DecodingName] ??= message;
  }
  const { minLength, maxLength } = decoding;
  if (minLength !== undefined && maxLength !== undefined && minLength >= maxLength) {
    errors.minLength ??= 'Must be less than the longest';
  }
  return errors;
}

export function settingErrors({ answers, ...decoding }: TrySettings): SettingErrors {
  const errors = decodingErrors(decoding);
  const count = tryRequestSchema.shape.answers.safeParse(answers);
  return count.error ? { ...errors, answers: count.error.issues[0]!.message } : errors;
}
