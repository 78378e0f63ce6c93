/** The shapes of the scenes: names, and how each may be turned, stretched and drawn. */

export const shapes = [
  'circle',
  'square',
  'rectangle',
  'triangle',
  'star',
  'cross',
  'heart',
  'diamond',
  'ring',
  'oval',
  'hexagon',
  'arrow',
  'crescent',
] as const;
export type Shape = (typeof shapes)[number];

/** The shapes that stay apart at 64 x 64 even when small. */
export const plainShapes: readonly Shape[] = shapes.slice(0, 9);

export interface ShapeTraits {
  /** The largest turn, in degrees, at which it still is that shape (a square on its corner is a diamond). */
  readonly turn: number;
  /** Range of the short side over the long side. */
  readonly aspect: readonly [number, number];
  /** Whether it can be drawn as a line only and still be told apart (a circle drawn so is a ring). */
  readonly hollow: boolean;
  /** The smallest extent at which it can be told, in the picture's side. */
  readonly leastExtent: number;
  /** Shapes that a person may also call by this name; questions keep away from such doubts. */
  readonly doubtful: readonly Shape[];
}

const solid: ShapeTraits = { turn: 180, aspect: [1, 1], hollow: true, leastExtent: 0.13, doubtful: [] };
const simple: ShapeTraits = { ...solid, leastExtent: 0.07 };

export const shapeTraits: { readonly [S in Shape]: ShapeTraits } = {
  circle: { ...simple, turn: 0, hollow: false, doubtful: ['oval', 'ring'] },
  square: { ...simple, turn: 18, doubtful: ['rectangle', 'diamond'] },
  rectangle: { ...simple, aspect: [0.35, 0.72], doubtful: ['square'] },
  triangle: simple,
  star: solid,
  cross: { ...solid, turn: 18 },
  heart: { ...solid, turn: 30 },
  diamond: { ...solid, turn: 12, doubtful: ['square'] },
  ring: { ...solid, turn: 0, hollow: false, doubtful: ['circle'] },
  oval: { ...solid, aspect: [0.45, 0.65], hollow: false, doubtful: ['circle'] },
  hexagon: solid,
  arrow: solid,
  crescent: { ...solid, hollow: false },
};
