/** One training step to measure: a T5 of random weights, a tuning method at its first values, a batch, all in one folder. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { Random } from '../../engine/common/random.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import type { Value } from '../../engine/runtime/session.ts';
import type { sizes } from '../../engine/service/bench/random-t5.ts';
import { type ParameterValues, startParameters } from '../../engine/training/train-step.ts';
import { dept } from '../../engine/tuning/dept.ts';
import { promptTuning } from '../../engine/tuning/prompt-tuning.ts';
import { type ClipT5, encoderFeeds, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { linearProjection, type VisualProjection } from '../../engine/vision-language/projection.ts';
import { targetFeeds, tokenWeights } from '../../engine/vision-language/target-feeds.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { readFloats, readSafetensorsHeader, writeSafetensors } from '../../engine/weights/safetensors.ts';

/** The shape of the work. Every text and target has the full length, so that nothing is padding. */
export interface StepShape {
  readonly model: keyof typeof sizes;
  readonly method: 'dept' | 'prompt-tuning';
  readonly promptLength: number;
  /** DePT's r; 0 for prompt tuning. */
  readonly rank: number;
  /** s, and the length of every text. */
  readonly text: number;
  /** Visual tokens of a picture; 0: text alone, and no projection. */
  readonly visual: number;
  readonly target: number;
  readonly batch: number;
}

/** Width of the visual tokens: the last layer of CLIP's RN101, as in the paper. */
const VISUAL_WIDTH = 2048;
const ALPHA = 8;
const SEED = 42;

/** CLIP-T5 of Sung et al. (2022) under DePT: spec 2.8's text, grid and target. */
export const visionLanguage = {
  model: 't5-base',
  method: 'dept',
  promptLength: 20,
  rank: 77,
  text: 20,
  visual: 36,
  target: 10,
  batch: 16,
} as const satisfies StepShape;

/** GLUE as the paper runs it: s = 256, answers of a few tokens. */
export const glue = {
  model: 't5-base',
  method: 'dept',
  promptLength: 40,
  rank: 45,
  text: 256,
  visual: 0,
  target: 2,
  batch: 16,
} as const satisfies StepShape;

const nothing: VisualProjection = { parameters: [], project: (tokens) => tokens };

/** The model of `shape` over the T5 in `folder`. */
export function modelOf(folder: string, { method, promptLength, rank, text, visual }: StepShape): ClipT5 {
  const config = readT5Config(folder);
  const checkpoint = openCheckpoint(folder);
  const prompt = { promptLength, promptInit: 'vocabulary', initText: '' } as const;
  const frozen = {
    width: config.width,
    vocabularySize: config.vocabularySize,
    wordEmbedding: (id: number) => checkpoint.floats('shared.weight', id),
    encode: () => [config.eosId],
  };
  return {
    config,
    method:
      method === 'dept'
        ? dept({ ...prompt, rank, maxTextLength: text, alpha: ALPHA, lowRankInit: 'uniform' }, frozen)
        : promptTuning(prompt, frozen),
    projection:
      visual === 0
        ? nothing
        : linearProjection({ clipWidth: VISUAL_WIDTH, width: config.width, epsilon: config.epsilon }),
    visual: { tokens: visual, width: visual === 0 ? config.width : VISUAL_WIDTH },
  };
}

interface CaseFile {
  readonly shape: StepShape;
  readonly alpha: number;
  readonly texts: number[][];
  readonly targets: number[][];
}

/** Writes what both sides read: `case.json` and `case.safetensors` (first values and visual tokens). */
export function writeCase(folder: string, t5: string, shape: StepShape): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const model = modelOf(t5, shape);
  const random = new Random(SEED, 'batch');
  const { vocabularySize, eosId } = model.config;
  const row = (length: number): number[] => [
    ...Array.from({ length: length - 1 }, () => 2 + random.below(vocabularySize - 2)),
    eosId,
  ];
  const rows = (length: number): number[][] => Array.from({ length: shape.batch }, () => row(length));
  const { tokens, width } = model.visual;
  const visual = new Float32Array(shape.batch * tokens * width).map(() => random.normal());
  const start = startParameters(trainedParameters(model), SEED);
  writeJsonAtomic(join(folder, 'case.json'), {
    shape,
    alpha: ALPHA,
    texts: rows(shape.text),
    targets: rows(shape.target),
  } satisfies CaseFile);
  writeSafetensors(join(folder, 'case.safetensors'), {
    visual: { dtype: 'F32', shape: [shape.batch, tokens, width], data: visual },
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
  const wanted = targets.map((ids) => ({ ids, score: 1 }));
  return {
    model,
    start: trainedParameters(model).map((spec) => ({ spec, values: readFloats(values, spec.name) })),
    feeds: {
      ...encoderFeeds(model, texts, readFloats(values, 'visual')),
      ...targetFeeds(model.config, wanted, tokenWeights('caption', wanted)),
    },
  };
}
