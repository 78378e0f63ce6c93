/** VL-T5's visual embedding with DePT on the tiny T5, as test/golden/make-vlt5.py has it. */

import type { TrainedParameter } from '../../engine/training/train-step.ts';
import { LOW_RANK_A, LOW_RANK_B } from '../../engine/tuning/dept.ts';
import { PROMPT } from '../../engine/tuning/soft-prompt.ts';
import { type ClipT5, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { adaptiveMaxPool } from '../../engine/vision-language/image-encoder.ts';
import { type Box, IMAGE_ORDER, OBJECT_ORDER, vlT5Projection } from '../../engine/vision-language/vl-t5-projection.ts';
import { golden } from '../models/reference.ts';
import { config, deptMethod, fresh, type Rows, type Sample, samplesOf } from '../training/tiny.ts';

interface Reference {
  readonly sizes: { readonly side: number; readonly pool: number; readonly visual_width: number };
  readonly case: Rows;
  readonly counts_on_RN101: Readonly<Record<string, number>>;
  readonly first_values: Readonly<Record<string, { readonly std: number; readonly mean: number }>>;
}

export const vlT5 = golden<Reference>('vlt5-tiny');
const { side, pool, visual_width: clipWidth } = vlT5.reference.sizes;
const tokens = pool ** 2;

/** Names of the golden files. */
const inTorch: Readonly<Record<string, string>> = {
  [PROMPT]: 'prompt',
  [LOW_RANK_A]: 'A',
  [LOW_RANK_B]: 'B',
  [IMAGE_ORDER]: 'projection.image_order.weight',
  [OBJECT_ORDER]: 'object_order',
};
const parts = { linear: 'feature', norm: 'feature_norm', box_linear: 'place', box_norm: 'place_norm' } as const;

export function torchName(name: string): string {
  const [, part, tensor] = /^visual_projection\.(\w+)\.(\w+)$/.exec(name) ?? [];
  return inTorch[name] ?? `projection.${parts[part as keyof typeof parts]}.${tensor}`;
}

const flat = vlT5.expected('boxes.cells');
/** Of the cells of the grid, row by row. */
export const cellBoxes = Array.from({ length: tokens }, (_, i): Box => [...flat.subarray(4 * i, 4 * i + 4)] as never);

export function modelWith(boxes?: readonly Box[]): ClipT5 {
  const { width, epsilon } = config;
  const projection = vlT5Projection({ tokens, clipWidth, width, epsilon }, boxes);
  return { config, method: deptMethod(), projection, visual: { tokens, width: clipWidth } };
}

/** A model's parameters with the values of the golden files, before the first step. */
export function givenParameters(model: ClipT5): TrainedParameter[] {
  return fresh(
    trainedParameters(model).map((spec) => ({ spec, values: vlT5.expected(`init.${torchName(spec.name)}`) })),
  );
}

/** The cells of each picture, row by row, pooled as the image encoder does it. */
function visualTokens(): Float32Array {
  const grid = vlT5.expected('case.grid'); // [pictures, width, side, side]
  const cells = side * side;
  const pictures = Array.from({ length: grid.length / (clipWidth * cells) }, (_, picture) => {
    const rows = Float32Array.from({ length: cells * clipWidth }, (_, i) => {
      const [cell, channel] = [Math.floor(i / clipWidth), i % clipWidth];
      return grid[(picture * clipWidth + channel) * cells + cell]!;
    });
    return adaptiveMaxPool(rows, side, clipWidth, pool);
  });
  return Float32Array.from(pictures.flatMap((one) => [...one]));
}

export const samples: readonly Sample[] = samplesOf(vlT5.reference.case, visualTokens());
