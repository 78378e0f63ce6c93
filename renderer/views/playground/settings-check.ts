/** How to generate, as the playground's fields hold it, and what is wrong with it. Pure. */
import { decodingChangesSchema, tryRequestSchema } from '../../../engine/contract/try-out.ts';

/** Undefined: as the run's own config says. */
export interface TrySettings {
  beams: number | undefined;
  maxLength: number | undefined;
  minLength: number | undefined;
  lengthPenalty: number | undefined;
  answers: number | undefined;
}

export type SettingName = keyof TrySettings;

export const usualSettings: Readonly<TrySettings> = {
  beams: undefined,
  maxLength: undefined,
  minLength: undefined,
  lengthPenalty: undefined,
  answers: 3,
};

/** A sentence for each field that cannot be. */
export function settingErrors({ answers, ...decoding }: TrySettings): Partial<Record<SettingName, string>> {
  const errors: Partial<Record<SettingName, string>> = {};
  for (const { path, message } of decodingChangesSchema.safeParse(decoding).error?.issues ?? []) {
    errors[path[0] as SettingName] ??= message;
  }
  const count = tryRequestSchema.shape.answers.safeParse(answers);
  if (count.error) errors.answers = count.error.issues[0]!.message;
  const { minLength, maxLength } = decoding;
  if (minLength !== undefined && maxLength !== undefined && minLength >= maxLength) {
    errors.minLength ??= 'Must be less than the longest';
  }
  return errors;
}
