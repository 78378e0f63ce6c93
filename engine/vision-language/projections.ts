/** All visual projections by name. */
import { linearProjection, type ProjectionShape, type VisualProjection } from './projection.ts';
import { vlT5Projection } from './vl-t5-projection.ts';

export type ProjectionName = 'linear' | 'vl-t5';

export function createProjection(name: ProjectionName, shape: ProjectionShape): VisualProjection {
  switch (name) {
    case 'linear':
      return linearProjection(shape);
    case 'vl-t5':
      return vlT5Projection(shape);
  }
}
