/** A scene: a background and one to four shapes on it, drawn at random from a key. */
import type { Random } from '../../common/random.ts';
import { type Background, sampleBackground } from './background.ts';
import { type Colour, colours, type Rgb, shadeOf } from './colours.ts';
import { plainShapes, type Shape, shapes, shapeTraits } from './shapes.ts';
import { weighted } from './weighted.ts';

export type SizeWord = 'small' | 'medium' | 'large';
export const sizeWords: readonly SizeWord[] = ['small', 'medium', 'large'];

/** `hollow` is a line only; `edged` has a darker rim. */
export type Finish = 'filled' | 'hollow' | 'edged';

export interface SceneObject {
  readonly shape: Shape;
  readonly colour: Colour;
  readonly rgb: Rgb;
  readonly size: SizeWord;
  /** Centre, in 0..1 of the picture's side; y points down. */
  readonly x: number;
  readonly y: number;
  /** Radius of the circle around the shape, in the picture's side. */
  readonly radius: number;
  /** Clockwise turn in radians. */
  readonly rotation: number;
  /** Short side over long side. */
  readonly aspect: number;
  readonly finish: Finish;
}

/** `moderate` is what the sample dataset shows; `wide` is for pretraining, up to tiny, huge, turned and textured. */
export type Variety = 'moderate' | 'wide';

export interface Scene {
  /** What it was drawn from; decides which shapes may be asked for. */
  readonly variety: Variety;
  readonly background: Background;
  readonly objects: readonly SceneObject[];
  /** Strength of a 3 x 3 blur, 0..1. */
  readonly blur: number;
  /** Amplitude of the pixel noise, in steps of 0..255. */
  readonly grain: number;
  /** Key of everything drawn per pixel. */
  readonly seed: number;
}

export interface SceneOptions {
  readonly variety: Variety;
  /** Relative frequency of scenes with one, two, three, ... shapes. */
  readonly objects: readonly number[];
}

export const sampleScenes: SceneOptions = { variety: 'moderate', objects: [0.45, 0.35, 0.2] };
export const pretrainingScenes: SceneOptions = { variety: 'wide', objects: [0.5, 0.25, 0.15, 0.1] };

/** Ranges of the extent (twice the radius) behind each size word. The gaps keep anybody from disagreeing. */
const extents: { readonly [V in Variety]: { readonly [W in SizeWord]: readonly [number, number] } } = {
  moderate: { small: [0.15, 0.21], medium: [0.27, 0.36], large: [0.44, 0.6] },
  wide: { small: [0.07, 0.21], medium: [0.25, 0.37], large: [0.43, 0.95] },
};
const largestExtent = [0.95, 0.55, 0.48, 0.45] as const;
const clearance = 0.03;

export function shapesOf(variety: Variety): readonly Shape[] {
  return variety === 'moderate' ? plainShapes : shapes;
}

type Look = Pick<SceneObject, 'shape' | 'colour'>;
type Place = Pick<SceneObject, 'size' | 'x' | 'y' | 'radius'>;

/** Places for these shapes, inside the picture and apart from each other. */
function samplePlaces(random: Random, variety: Variety, looks: readonly Look[]): Place[] {
  const places: Place[] = [];
  for (let tries = 0; places.length < looks.length; tries += 1) {
    if (tries > 0 && tries % 50 === 0) places.length = 0; // stuck: start over
    const size = random.pick(sizeWords);
    const [low, high] = extents[variety][size];
    const least = Math.max(low, shapeTraits[looks[places.length]!.shape].leastExtent);
    const radius = random.between(least, Math.min(high, largestExtent[looks.length - 1]!)) / 2;
    const x = random.between(radius, 1 - radius);
    const y = random.between(radius, 1 - radius);
    const free = places.every((other) => Math.hypot(x - other.x, y - other.y) > radius + other.radius + clearance);
    if (free) places.push({ size, x, y, radius });
  }
  return places;
}

/** Turn and sides of a shape. */
export function samplePose(random: Random, variety: Variety, shape: Shape): Pick<SceneObject, 'rotation' | 'aspect'> {
  const { turn, aspect } = shapeTraits[shape];
  const upright = variety === 'wide' && random.chance(0.5);
  const limit = upright ? 0 : variety === 'wide' ? turn : Math.min(turn, 10);
  const stretched = aspect[1] < 1;
  const quarter = stretched && random.chance(0.5) ? 90 : 0;
  return { rotation: ((quarter + random.between(-limit, limit)) * Math.PI) / 180, aspect: random.between(...aspect) };
}

function sampleFinish(random: Random, variety: Variety, shape: Shape, size: SizeWord): Finish {
  const share = variety === 'wide' ? 0.12 : 0;
  if (random.chance(share) && size !== 'small' && shapeTraits[shape].hollow) return 'hollow';
  return random.chance(share) ? 'edged' : 'filled';
}

/** Shapes and colours; some share one with another, which makes counting and telling apart worth asking about. */
function sampleLooks(random: Random, variety: Variety, count: number): Look[] {
  const looks: Look[] = [];
  while (looks.length < count) {
    const other = looks.length > 0 ? random.pick(looks) : undefined;
    const shape = other && random.chance(0.25) ? other.shape : random.pick(shapesOf(variety));
    const colour = other && random.chance(0.25) ? other.colour : random.pick(colours);
    looks.push({ shape, colour });
  }
  return looks;
}

export function sampleScene(random: Random, options: SceneOptions): Scene {
  const { variety } = options;
  const wide = variety === 'wide';
  const looks = sampleLooks(random, variety, weighted(random, options.objects) + 1);
  const places = samplePlaces(random, variety, looks);
  const objects = looks.map(
    ({ shape, colour }, i): SceneObject => ({
      shape,
      colour,
      rgb: shadeOf(random, colour),
      ...places[i]!,
      ...samplePose(random, variety, shape),
      finish: sampleFinish(random, variety, shape, places[i]!.size),
    }),
  );
  return {
    variety,
    background: sampleBackground(random, wide, objects),
    objects,
    blur: wide && random.chance(0.25) ? random.between(0, 0.6) : 0,
    grain: random.chance(wide ? 0.3 : 0.2) ? random.between(2, wide ? 16 : 6) : 0,
    seed: random.bits(),
  };
}
