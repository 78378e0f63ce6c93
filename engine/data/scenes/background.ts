/** Backgrounds: plain, or mildly patterned in two shades of one colour, always apart from the shapes in front. */
import type { Random } from '../../common/random.ts';
import { type Colour, colours, contrast, mixed, type Rgb, shadeOf } from './colours.ts';

export const patterns = ['plain', 'gradient', 'stripes', 'checks', 'speckles'] as const;
export type Pattern = (typeof patterns)[number];

/** `light` is any very pale tint, which has no colour name of its own. */
export type GroundColour = Colour | 'light';

export interface Background {
  readonly pattern: Pattern;
  readonly colour: GroundColour;
  readonly rgb: Rgb;
  /** The second shade of the pattern; the same as `rgb` where it is plain. */
  readonly second: Rgb;
  /** Direction of the pattern in radians. */
  readonly angle: number;
  /** Width of one stripe, check or speckle, in the picture's side. */
  readonly pitch: number;
}

interface Painted {
  readonly colour: Colour;
  readonly rgb: Rgb;
}

const leastContrast = 170;

function shade(random: Random, colour: GroundColour): Rgb {
  if (colour !== 'light') return shadeOf(random, colour);
  return [random.between(226, 256), random.between(226, 256), random.between(226, 256)];
}

/** Whether every object can be told from this background by name and by eye. */
export function standsOut(background: Background, objects: readonly Painted[]): boolean {
  return objects.every(
    ({ colour, rgb }) =>
      colour !== background.colour &&
      contrast(rgb, background.rgb) >= leastContrast &&
      contrast(rgb, background.second) >= leastContrast,
  );
}

/** Half of them pale, the rest of a named colour; patterned more often when `wide`. */
export function sampleBackground(random: Random, wide: boolean, objects: readonly Painted[]): Background {
  for (let tries = 0; ; tries += 1) {
    const colour = random.chance(0.45) ? 'light' : random.pick(colours);
    const pattern = random.chance(wide ? 0.45 : 0.25) ? random.pick(patterns) : 'plain';
    const rgb = shade(random, colour);
    const second = pattern === 'plain' ? rgb : mixed(rgb, shade(random, colour), 0.6);
    const background: Background = {
      pattern,
      colour,
      rgb,
      second,
      angle: random.between(0, 2 * Math.PI),
      pitch: random.between(0.06, 0.25),
    };
    // after many tries the best that can be had is a background of another name
    if (standsOut(background, objects) || (tries > 200 && objects.every((object) => object.colour !== colour))) {
      return background;
    }
  }
}
