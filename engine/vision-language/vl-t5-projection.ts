/**
 * VL-T5's visual embedding (Cho et al. 2021; spec 2.2): of token i with features v, box (x1, x2, y1, y2) and area
 * a = (y2 - y1) (x2 - x1)
 *
 *   RMSNorm1(W1 v + b1) + RMSNorm2(W2 [box; a] + b2) + imageOrder[0] + objectOrder[i]
 */
import { add } from '../graph/ops/elementwise.ts';
import { slice } from '../graph/ops/structure.ts';
import { filled, type ParameterSpec } from '../graph/parameter.ts';
import { constant } from '../graph/sources.ts';
import { featurePart, normedLinear, type ProjectionShape, type VisualProjection } from './projection.ts';

export const IMAGE_ORDER = 'visual_projection.image_order';
/** Rows of the lengthened word embedding in the original, which no training moves: drawn for the run, kept in its checkpoints. */
export const OBJECT_ORDER = 'visual_projection.object_order';

/** Rows for the images of one example; a task with one image uses the first, and the other never learns. */
const IMAGES = 2;

/** x1, x2, y1, y2 of a token. */
export type Box = readonly [x1: number, x2: number, y1: number, y2: number];

const NOWHERE: Box = [0, 0, 0, 0];

function normalRows(name: string, rows: number, width: number): ParameterSpec {
  const initial: ParameterSpec['initial'] = (random) => filled(rows * width, () => random.normal());
  return { name, shape: [rows, width], group: 'projection', initial };
}

/**
 * (clipWidth + 11) * width values are trained, 1,581,312 for RN101 (2048) and T5-base (768); tokens * width are fixed.
 * All boxes are zeros, as in the CLIP-T5 runs that the paper follows, so that W2 learns nothing; `boxes` gives others,
 * one for each token, the same for every picture.
 */
export function vlT5Projection(shape: ProjectionShape, boxes?: readonly Box[]): VisualProjection {
  const { tokens, width, epsilon } = shape;
  const features = featurePart(shape);
  const places = normedLinear(['visual_projection.box_linear', 'visual_projection.box_norm'], {
    from: 5,
    to: width,
    epsilon,
  });
  const rows = Array.from({ length: tokens }, (_, i) => boxes?.[i] ?? NOWHERE);
  const boxesAndAreas = rows.flatMap(([x1, x2, y1, y2]) => [x1, x2, y1, y2, (y2 - y1) * (x2 - x1)]);
  return {
    parameters: [
      ...features.parameters,
      ...places.parameters,
      normalRows(IMAGE_ORDER, IMAGES, width),
      { ...normalRows(OBJECT_ORDER, tokens, width), fixed: true },
    ],
    project: (visual, parameters) => {
      const place = places.apply(constant(boxesAndAreas, [tokens, 5]), parameters);
      const order = add(slice(parameters.get(IMAGE_ORDER), 0, 0, 1), parameters.get(OBJECT_ORDER));
      return add(features.apply(visual, parameters), add(place, order));
    },
  };
}
