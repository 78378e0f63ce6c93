/** Ten people's answers to one question: nearly always the truth, now and then a sensible other word or slip. */
import type { Random } from '../../common/random.ts';
import { weighted } from './weighted.ts';

export type AnswerType = 'yes/no' | 'number' | 'other';

/** What somebody might say instead. */
export const slips: Readonly<Record<string, readonly string[]>> = {
  yes: ['no'],
  no: ['yes'],
  red: ['orange', 'pink'],
  green: ['teal', 'lime'],
  blue: ['navy', 'purple'],
  yellow: ['gold', 'orange'],
  orange: ['yellow', 'red'],
  purple: ['violet', 'blue'],
  pink: ['purple', 'rose'],
  brown: ['maroon', 'red'],
  black: ['dark'],
  white: ['light'],
  gray: ['grey', 'silver'],
  teal: ['green', 'blue'],
  cyan: ['light blue', 'teal'],
  circle: ['round', 'dot'],
  square: ['box', 'rectangle'],
  rectangle: ['square', 'box'],
  triangle: ['pyramid'],
  star: ['star shape'],
  cross: ['plus', 'plus sign'],
  heart: ['heart shape'],
  diamond: ['rhombus', 'square'],
  ring: ['circle', 'donut'],
  oval: ['ellipse', 'circle'],
  hexagon: ['circle', 'polygon'],
  arrow: ['pointer'],
  crescent: ['moon'],
  small: ['little', 'tiny'],
  medium: ['normal', 'average'],
  large: ['big', 'huge'],
  left: ['on left'],
  right: ['on right'],
  center: ['middle'],
  top: ['at top'],
  bottom: ['at bottom'],
  'top left': ['left', 'upper left'],
  'top right': ['right', 'upper right'],
  'bottom left': ['left', 'lower left'],
  'bottom right': ['right', 'lower right'],
};

function slipOf(random: Random, truth: string, type: AnswerType): string {
  if (type === 'number') return String(Math.max(0, Number(truth) + (random.chance(0.5) ? 1 : -1)));
  return random.pick(slips[truth] ?? [truth]);
}

/** How often none, one, two or three of the ten differ. */
const differingShares = [0.72, 0.19, 0.07, 0.02];

/** At least seven of the ten give the truth, so that it scores 1 by the VQA measure. */
export function tenAnswers(random: Random, truth: string, type: AnswerType): string[] {
  const differing = weighted(random, differingShares);
  const places = new Set(random.shuffle(Array.from({ length: 10 }, (_, i) => i)).slice(0, differing));
  return Array.from({ length: 10 }, (_, i) => (places.has(i) ? slipOf(random, truth, type) : truth));
}
