/** The colour names of the scenes, and the range of shades that each name covers. */
import type { Random } from '../../common/random.ts';

export const colours = [
  'red',
  'green',
  'blue',
  'yellow',
  'orange',
  'purple',
  'pink',
  'brown',
  'black',
  'white',
  'gray',
  'teal',
  'cyan',
] as const;
export type Colour = (typeof colours)[number];

/** Red, green, blue in 0..255, not rounded. */
export type Rgb = readonly [number, number, number];

type Span = readonly [number, number];

/** A box in hue (degrees, may be negative), saturation and value. */
interface Shades {
  readonly hue: Span;
  readonly saturation: Span;
  readonly value: Span;
}

interface Palette {
  /** The shade that the name stands for on the web. */
  readonly pure: Rgb;
  readonly shades: readonly Shades[];
}

// Gaps between the boxes are wanted: a shade that two people would name differently is never drawn.
const palettes: { readonly [C in Colour]: Palette } = {
  red: { pure: [255, 0, 0], shades: [{ hue: [-7, 7], saturation: [0.78, 1], value: [0.82, 1] }] },
  green: { pure: [0, 255, 0], shades: [{ hue: [100, 142], saturation: [0.6, 1], value: [0.42, 1] }] },
  blue: { pure: [0, 0, 255], shades: [{ hue: [212, 244], saturation: [0.68, 1], value: [0.5, 1] }] },
  yellow: { pure: [255, 255, 0], shades: [{ hue: [51, 61], saturation: [0.7, 1], value: [0.9, 1] }] },
  orange: { pure: [255, 165, 0], shades: [{ hue: [23, 38], saturation: [0.85, 1], value: [0.93, 1] }] },
  purple: { pure: [128, 0, 128], shades: [{ hue: [270, 300], saturation: [0.55, 1], value: [0.42, 0.66] }] },
  pink: { pure: [255, 192, 203], shades: [{ hue: [320, 349], saturation: [0.24, 0.6], value: [0.95, 1] }] },
  brown: {
    pure: [139, 69, 19],
    shades: [
      { hue: [12, 30], saturation: [0.55, 0.88], value: [0.35, 0.6] },
      { hue: [-3, 12], saturation: [0.62, 0.78], value: [0.52, 0.66] },
    ],
  },
  black: { pure: [0, 0, 0], shades: [{ hue: [0, 360], saturation: [0, 0.3], value: [0, 0.1] }] },
  white: { pure: [255, 255, 255], shades: [{ hue: [0, 360], saturation: [0, 0.025], value: [0.97, 1] }] },
  gray: { pure: [128, 128, 128], shades: [{ hue: [0, 360], saturation: [0, 0.06], value: [0.4, 0.7] }] },
  teal: { pure: [0, 128, 128], shades: [{ hue: [171, 188], saturation: [0.7, 1], value: [0.4, 0.58] }] },
  cyan: { pure: [0, 255, 255], shades: [{ hue: [177, 190], saturation: [0.6, 1], value: [0.9, 1] }] },
};

/** Hue in degrees, saturation and value in 0..1. */
export function fromHsv(hue: number, saturation: number, value: number): Rgb {
  const channel = (offset: number): number => {
    const k = (((offset + hue / 60) % 6) + 6) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A shade that everybody would call by this name; one in five is the pure one. */
export function shadeOf(random: Random, colour: Colour): Rgb {
  const { pure, shades } = palettes[colour];
  if (random.chance(0.2)) return pure;
  const { hue, saturation, value } = random.pick(shades);
  return fromHsv(random.between(...hue), random.between(...saturation), random.between(...value));
}

export function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2): number => a[i] + (b[i] - a[i]) * share;
  return [at(0), at(1), at(2)];
}

/** How far apart two shades look, 0 (same) to about 765 (black and white); weights depend on the mean red. */
export function contrast(a: Rgb, b: Rgb): number {
  const red = (a[0] + b[0]) / 2;
  const squared =
    (2 + red / 256) * (a[0] - b[0]) ** 2 + 4 * (a[1] - b[1]) ** 2 + (2 + (255 - red) / 256) * (a[2] - b[2]) ** 2;
  return Math.sqrt(squared);
}
