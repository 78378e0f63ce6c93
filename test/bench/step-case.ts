/** One training step to measure: a T5 of random weights, a tuning method at its first values, a batch, all in one folder. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { openT5 } from '../../engine/models/t5/open.ts';
import type { Value } from '../../engine/runtime/session.ts';
import type { sizes } from '../../engine/service/bench/random-t5.ts';
import {
  ALPHA,
  SEED,
  type StepMethod,
  type StepShape,
  stepData,
  stepFeeds,
  stepModel,
  stepShapes,
} from '../../engine/service/bench/step-model.ts';
import { type ParameterValues, startParameters } from '../../engine/training/train-step.ts';
import { type ClipT5, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { readFloats, readSafetensorsHeader, writeSafetensors } from '../../engine/weights/safetensors.ts';

/** A step's data with what is trained on it. */
export interface StepWork extends StepShape {
  readonly model: keyof typeof sizes;
  readonly method: StepMethod['name'];
  readonly promptLength: number;
  /** DePT's r; 0 for prompt tuning. */
  readonly rank: number;
}

/** CLIP-T5 of Sung et al. (2022) under DePT: spec 2.8's text, grid and target. */
export const visionLanguage = {
  model: 't5-base',
  method: 'dept',
  promptLength: 20,
  rank: 77,
  ...stepShapes.vl,
} as const satisfies StepWork;

/** GLUE as the paper runs it: s = 256, answers of a few tokens. */
export const glue = {
  model: 't5-base',
  method: 'dept',
  promptLength: 40,
  rank: 45,
  ...stepShapes.glue,
} as const satisfies StepWork;

function modelOf(t5: string, shape: StepWork): ClipT5 {
  const { method: name, promptLength, rank } = shape;
  return stepModel(openT5(t5), shape, { name, promptLength }, rank);
}

interface CaseFile {
  readonly shape: StepWork;
  readonly alpha: number;
  readonly texts: number[][];
  readonly targets: number[][];
}

/** Writes what both sides read: `case.json` and `case.safetensors` (first values and visual tokens). */
export function writeCase(folder: string, t5: string, shape: StepWork): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const model = modelOf(t5, shape);
  const { visual, texts, targets } = stepData(model, shape);
  const start = startParameters(trainedParameters(model), SEED);
  writeJsonAtomic(join(folder, 'case.json'), { shape, alpha: ALPHA, texts, targets } satisfies CaseFile);
  writeSafetensors(join(folder, 'case.safetensors'), {
    visual: { dtype: 'F32', shape: [shape.batch, model.visual.tokens, model.visual.width], data: visual },
    ...Object.fromEntries(
      start.map(({ spec, values }) => [spec.name, { dtype: 'F32' as const, shape: spec.shape, data: values }]),
    ),
  });
}

export interface StepCase {
  readonly model: ClipT5;
  readonly start: readonly ParameterValues[];
  readonly feeds: Record<string, Value>;
}

export function readCase(folder: string, t5: string): StepCase {
  const { shape, texts, targets } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as CaseFile;
  const values = readSafetensorsHeader(join(folder, 'case.safetensors'));
  const model = modelOf(t5, shape);
  return {
    model,
    start: trainedParameters(model).map((spec) => ({ spec, values: readFloats(values, spec.name) })),
    feeds: stepFeeds(model, { visual: readFloats(values, 'visual'), texts, targets }),
  };
}
