/** Words for where things are: the nine fields of a picture, a fine 8 x 8 grid, and relations between two shapes. */
import type { SceneObject } from './scene.ts';

type Point = Pick<SceneObject, 'x' | 'y'>;

export const places = [
  'top left',
  'top',
  'top right',
  'left',
  'center',
  'right',
  'bottom left',
  'bottom',
  'bottom right',
] as const;
export type Place = (typeof places)[number];

const third = (value: number): number => Math.min(2, Math.floor(value * 3));

/** The field of a 3 x 3 grid that the centre lies in. */
export function placeOf({ x, y }: Point): Place {
  return places[third(y) * 3 + third(x)]!;
}

/** Whether the centre is far enough from the lines between the fields that nobody would call it another place. */
export function isClearPlace({ x, y }: Point): boolean {
  return [x, y].every((value) => Math.abs(value - 1 / 3) > 0.045 && Math.abs(value - 2 / 3) > 0.045);
}

const corner = (place: string): readonly string[] => [`in the ${place} corner`, `in the ${place}`, `at the ${place}`];

/** How a place is said after a noun. */
export const placePhrases: { readonly [P in Place]: readonly string[] } = {
  'top left': [...corner('top left'), 'in the upper left'],
  top: ['at the top', 'near the top', 'in the top center'],
  'top right': [...corner('top right'), 'in the upper right'],
  left: ['on the left', 'on the left side'],
  center: ['in the middle', 'in the center', 'at the center'],
  right: ['on the right', 'on the right side'],
  'bottom left': [...corner('bottom left'), 'in the lower left'],
  bottom: ['at the bottom', 'near the bottom', 'in the bottom center'],
  'bottom right': [...corner('bottom right'), 'in the lower right'],
};

export const gridSize = 8;

/** Words for column and row on an 8 x 8 grid, "c0".."c7" and "r0".."r7". */
export function gridWords({ x, y }: Point): readonly [string, string] {
  const cell = (value: number): number => Math.min(gridSize - 1, Math.max(0, Math.floor(value * gridSize)));
  return [`c${cell(x)}`, `r${cell(y)}`];
}

export const relations = ['left of', 'right of', 'above', 'below'] as const;
export type Relation = (typeof relations)[number];

export const opposite: { readonly [R in Relation]: Relation } = {
  'left of': 'right of',
  'right of': 'left of',
  above: 'below',
  below: 'above',
};

/** How a relation is said between two nouns. */
export const relationPhrases: { readonly [R in Relation]: readonly string[] } = {
  'left of': ['left of', 'to the left of'],
  'right of': ['right of', 'to the right of'],
  above: ['above', 'over', 'higher than'],
  below: ['below', 'under', 'lower than'],
};

/** How far `a` lies in that direction from `b`, in the picture's side; negative on the other side. */
function reach(a: Point, relation: Relation, b: Point): number {
  switch (relation) {
    case 'left of':
      return b.x - a.x;
    case 'right of':
      return a.x - b.x;
    case 'above':
      return b.y - a.y;
    case 'below':
      return a.y - b.y;
  }
}

/** true or false where it is clear to the eye, undefined where the two are nearly level. */
export function holds(a: Point, relation: Relation, b: Point): boolean | undefined {
  const distance = reach(a, relation, b);
  return Math.abs(distance) < 0.12 ? undefined : distance > 0;
}

/** The relation of `a` to `b` along the axis on which they are farther apart. */
export function mainRelation(a: Point, b: Point): Relation {
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  if (Math.abs(dx) > Math.abs(dy)) return dx < 0 ? 'left of' : 'right of';
  return dy < 0 ? 'above' : 'below';
}
