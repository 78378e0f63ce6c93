/** Every optimiser, clipping and their state against torch and transformers (test/golden/make-optim.py, make-old-adamw.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { clipGlobalNorm } from '../../engine/training/clipping.ts';
import type { Optimiser, OptimiserState } from '../../engine/training/optimisers/optimiser.ts';
import { createOptimiser, type OptimiserOptions } from '../../engine/training/optimisers/optimisers.ts';
import { scheduleFactor } from '../../engine/training/schedule.ts';
import { readFloats, readSafetensorsHeader } from '../../engine/weights/safetensors.ts';
import { compared, type Differences, pinned } from '../fidelity/compared.ts';
import { golden } from '../models/reference.ts';

const STEPS = 50;
const shapes = { matrix: [3, 4], vector: [5], cube: [2, 2, 3] } as const;
const names = Object.keys(shapes) as (keyof typeof shapes)[];

const optim = golden<{ rates: Record<keyof typeof shapes, number>; runs: string[]; clip_limits: number[] }>('optim');
const oldAdamW = {
  file: readSafetensorsHeader(`${optim.folder}/old-adamw.safetensors`),
  ...(JSON.parse(readFileSync(`${optim.folder}/old-adamw.json`, 'utf8')) as {
    versions: { transformers: string };
    runs: string[];
  }),
};

/** The part of a tensor [50, ...] that belongs to a step. */
const at = (values: Float32Array, step: number): Float32Array => {
  const size = values.length / STEPS;
  return values.subarray(step * size, (step + 1) * size);
};

/** The tensor after every step [50, ...]. */
function solved(optimiser: Optimiser, name: keyof typeof shapes, rateAt: (step: number) => number) {
  const shape = shapes[name];
  const gradients = optim.expected(`gradient.${name}`);
  const tensor = { shape, values: optim.expected(`start.${name}`), state: optimiser.freshState(shape) };
  return Array.from({ length: STEPS }, (_, step) => {
    optimiser.update(tensor, at(gradients, step), step + 1, rateAt(step));
    return tensor.values.slice();
  });
}

function compareRun(
  differences: Differences,
  options: OptimiserOptions,
  expected: (name: string) => Float32Array,
  rateOf: (name: keyof typeof shapes, step: number) => number = (name) => optim.reference.rates[name],
): void {
  for (const name of names) {
    const wanted = expected(name);
    solved(createOptimiser(options), name, (step) => rateOf(name, step)).forEach((values, step) => {
      differences.values(values, at(wanted, step), `${name} after step ${step + 1}`);
    });
  }
}

const decayed = { betas: [0.9, 0.98], weightDecay: 0.01 } as const;
const adamw = { name: 'adamw', betas: [0.9, 0.999], epsilon: 1e-6, weightDecay: 0 } as const;
const sgd = { name: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
const lester = {
  name: 'adafactor',
  epsilons: [1e-30, 1e-3],
  clipThreshold: 1,
  decayRate: -0.8,
  beta1: null,
  weightDecay: 1e-5,
  scaleParameter: false,
} as const;
const relative = { ...lester, weightDecay: 0, scaleParameter: true } as const;
/** Adafactor's own rate; warm-up as with transformers' warmup_init. */
const relativeStep = (warmupSteps: number) => (_name: string, step: number) =>
  scheduleFactor({ name: 'relative-step', warmupSteps, timescale: null }, step, STEPS);

const row = { area: 'Optimisers', measure: 'relative', allowed: 1e-6 } as const;

interface Run {
  readonly what: string;
  readonly run: string;
  readonly options: OptimiserOptions;
  readonly rate?: ReturnType<typeof relativeStep>;
}

const ofTorch: readonly Run[] = [
  { what: 'AdamW', run: 'adamw', options: { ...adamw, epsilonPlacement: 'corrected' } },
  {
    what: 'AdamW with weight decay',
    run: 'adamw.decay',
    options: { ...adamw, ...decayed, epsilonPlacement: 'corrected' },
  },
  { what: 'Adam', run: 'adam', options: { ...adamw, name: 'adam' } },
  { what: 'Adam with weight decay', run: 'adam.decay', options: { name: 'adam', ...decayed, epsilon: 1e-8 } },
  { what: 'SGD', run: 'sgd', options: sgd },
  { what: 'SGD with momentum', run: 'sgd.momentum', options: { ...sgd, momentum: 0.9 } },
  {
    what: "SGD with Nesterov's momentum and weight decay",
    run: 'sgd.nesterov',
    options: { ...sgd, momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  },
];

const ofTransformers: readonly Run[] = [
  { what: 'Adafactor, constant rate (Lester et al.)', run: 'adafactor.lester', options: lester },
  {
    what: 'Adafactor, with first moment and weight decay',
    run: 'adafactor.first-moment',
    options: { ...lester, beta1: 0.9, weightDecay: 0.01 },
  },
  {
    what: 'Adafactor, scaled by its parameter, clipped at 0.5, with weight decay',
    run: 'adafactor.scaled',
    options: { ...lester, clipThreshold: 0.5, weightDecay: 0.01, scaleParameter: true },
  },
  { what: 'Adafactor, relative step', run: 'adafactor.relative', options: relative, rate: relativeStep(0) },
  {
    what: 'Adafactor, relative step with warm-up and first moment',
    run: 'adafactor.relative-warm',
    options: { ...relative, beta1: 0.9 },
    rate: relativeStep(10_000),
  },
];

const ofOldTransformers: readonly Run[] = [
  {
    what: 'AdamW, epsilon before the bias correction',
    run: 'old-adamw',
    options: { ...adamw, epsilonPlacement: 'uncorrected' },
  },
  {
    what: 'AdamW, epsilon before the bias correction, with weight decay',
    run: 'old-adamw.decay',
    options: { ...adamw, ...decayed, epsilonPlacement: 'uncorrected' },
  },
];

for (const [runs, against, expected] of [
  [ofTorch, pinned('torch'), optim.expected],
  [ofTransformers, pinned('transformers'), optim.expected],
  [
    ofOldTransformers,
    `transformers ${oldAdamW.versions.transformers}`,
    (tensor: string) => readFloats(oldAdamW.file, tensor),
  ],
] as const) {
  for (const { what, run, options, rate } of runs) {
    compared({ ...row, what: `50 steps of ${what}`, against }, (differences) => {
      compareRun(differences, options, (name) => expected(`${run}.${name}`), rate);
    });
  }
}

test('every run of the reference is compared', () => {
  const named = (runs: readonly Run[]) => runs.map(({ run }) => run).sort();
  expect(named([...ofTorch, ...ofTransformers])).toEqual(optim.reference.runs.toSorted());
  expect(named(ofOldTransformers)).toEqual(oldAdamW.runs.toSorted());
});

compared(
  { ...row, what: 'clipping by the global norm, and the norm before', against: pinned('torch') },
  (differences) => {
    for (const limit of optim.reference.clip_limits) {
      const expected = (name: string) => optim.expected(`clipped.${limit}.${name}`);
      for (let step = 0; step < STEPS; step += 1) {
        const gradients = names.map((name) => at(optim.expected(`gradient.${name}`), step).slice());
        differences.values(clipGlobalNorm(gradients, limit), expected('norm')[step]!, `norm of step ${step}`);
        names.forEach((name, i) => {
          differences.values(gradients[i]!, at(expected(name), step), `${name} of step ${step}, limit ${limit}`);
        });
      }
    }
  },
);

test.each([0, Number.POSITIVE_INFINITY])('a limit of %d leaves gradients alone', (limit) => {
  const gradient = Float32Array.of(3, -4);
  expect(clipGlobalNorm([gradient], limit)).toBe(5);
  expect([...gradient]).toEqual([3, -4]);
});

const every: OptimiserOptions[] = [
  { ...adamw, epsilonPlacement: 'uncorrected' },
  { ...adamw, name: 'adam' },
  lester,
  { ...relative, beta1: 0.9 },
  sgd,
  { ...sgd, momentum: 0.9 },
];

describe('state', () => {
  const shapesOf = (state: OptimiserState) =>
    Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, [...shape]]));
  const stateOf = (options: OptimiserOptions, shape: readonly number[]) =>
    shapesOf(createOptimiser(options).freshState(shape));

  test('of Adam are two moments, of SGD a velocity where it has momentum', () => {
    expect(stateOf(every[0]!, [3, 4])).toEqual({ first: [3, 4], second: [3, 4] });
    expect(stateOf(sgd, [3, 4])).toEqual({});
    expect(stateOf({ ...sgd, momentum: 0.5 }, [3, 4])).toEqual({ velocity: [3, 4] });
  });

  test('of Adafactor are means of rows and columns, of a vector its second moment, and a first one if asked for', () => {
    expect(stateOf(lester, [3, 4])).toEqual({ row: [3], column: [4] });
    expect(stateOf(lester, [2, 3, 4])).toEqual({ row: [2, 3], column: [2, 4] });
    expect(stateOf(lester, [5])).toEqual({ second: [5] });
    expect(stateOf({ ...lester, beta1: 0.9 }, [3, 4])).toEqual({ first: [3, 4], row: [3], column: [4] });
  });

  test.each(every)('with the step number is all that $name keeps', (options) => {
    const [one, other] = [createOptimiser(options), createOptimiser(options)];
    for (const name of names) {
      const whole = solved(one, name, () => 0.1);
      const gradients = optim.expected(`gradient.${name}`);
      const tensor = {
        shape: shapes[name],
        values: optim.expected(`start.${name}`),
        state: one.freshState(shapes[name]),
      };
      for (let step = 0; step < STEPS; step += 1) {
        const optimiser = step < 20 ? one : other;
        optimiser.update(structuredClone(tensor), at(gradients, step), step + 1, 0.1); // touches nothing else
        optimiser.update(tensor, at(gradients, step), step + 1, 0.1);
      }
      expect(tensor.values, name).toEqual(whole.at(-1));
    }
  });
});

test.each(every)('$name refuses a gradient of another size', (options) => {
  const optimiser = createOptimiser(options);
  const tensor = { shape: [3], values: new Float32Array(3), state: optimiser.freshState([3]) };
  const update = () => optimiser.update(tensor, new Float32Array(2), 1, 0.1);
  expect(update).toThrow(DeptError);
  expect(update).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
});

test('without a gradient Adafactor leaves a row as it is, weight decay aside', () => {
  const optimiser = createOptimiser({ ...lester, weightDecay: 0 });
  const last = solved(optimiser, 'matrix', () => 0.3).at(-1)!;
  expect(last.subarray(8)).toEqual(optim.expected('start.matrix').subarray(8));
});
