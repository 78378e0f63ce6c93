/** Learning-rate schedules: a factor on every group's own peak rate. */

export interface ScheduleOptions {
  readonly name: 'linear' | 'constant';
  /** Steps of linear growth from 0. */
  readonly warmupSteps: number;
}

/**
 * The factor for the update after `step` updates have been done (0 for the first): warm-up from 0, then constant, or
 * linear to 0 at `totalSteps` (transformers' get_linear_schedule_with_warmup).
 */
export function scheduleFactor({ name, warmupSteps }: ScheduleOptions, step: number, totalSteps: number): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  if (name === 'constant') return 1;
  return Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));
}
