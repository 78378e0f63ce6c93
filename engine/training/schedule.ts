/** Learning-rate schedules: a factor on every group's own peak rate. */

export interface ScheduleOptions {
  readonly name: 'linear' | 'constant' | 'cosine' | 'inverse-sqrt' | 'relative-step';
  /** Steps of linear growth from 0. */
  readonly warmupSteps: number;
  /** Steps t0 of 'inverse-sqrt', which falls to half by 3 t0 after warm-up; null: as many as those of warm-up, or 10,000. */
  readonly timescale: number | null;
}

/** Largest factor of 'relative-step', which is no share of a peak but the size of a step relative to its parameter. */
const RELATIVE_STEP = 0.01;

/**
 * The factor for the update after `step` updates have been done (0 for the first): warm-up from 0, then what the name
 * says, as in transformers' schedules with warm-up: 'constant', 'linear' to 0 at `totalSteps`, 'cosine' down half a wave to
 * 0 there, 'inverse-sqrt' 1 / sqrt(1 + steps since warm-up / t0).
 *
 * 'relative-step' is Adafactor's min(0.01, 1 / sqrt(t)) with t = step + 1; transformers' `warmup_init` is a warm-up of
 * 10,000 steps, the t at which the two are equal.
 */
export function scheduleFactor(
  { name, warmupSteps, timescale }: ScheduleOptions,
  step: number,
  totalSteps: number,
): number {
  if (name === 'relative-step') {
    const warm = warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps);
    return Math.min(RELATIVE_STEP * warm, 1 / Math.sqrt(step + 1));
  }
  if (step < warmupSteps) return step / warmupSteps;
  const since = step - warmupSteps;
  const left = Math.max(1, totalSteps - warmupSteps);
  switch (name) {
    case 'constant':
      return 1;
    case 'linear':
      return Math.max(0, (totalSteps - step) / left);
    case 'cosine':
      return 0.5 * (1 + Math.cos((Math.PI * since) / left));
    case 'inverse-sqrt': {
      const scale = timescale ?? (warmupSteps || 10_000);
      return 1 / Math.sqrt((since + scale) / scale);
    }
  }
}
