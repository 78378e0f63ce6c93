/** Groups of scenes that differ in one respect only: hard negatives for a contrastive loss. */
import type { Random } from '../../common/random.ts';
import { type Background, sampleBackground, standsOut } from './background.ts';
import type { Mention } from './captions.ts';
import { type Colour, colours, shadeOf } from './colours.ts';
import { placeOf } from './places.ts';
import { type Scene, type SceneObject, type SceneOptions, samplePose, sampleScene, shapesOf } from './scene.ts';

export const differences = ['colour', 'shape', 'place', 'exchange', 'background'] as const;
/** What changes: the first shape's colour, form or place; two shapes' colours with each other; or the background. */
export type Difference = (typeof differences)[number];

export interface ContrastGroup {
  readonly difference: Difference;
  readonly scenes: readonly Scene[];
  /** What a caption must say so that it fits one scene of the group only. */
  readonly mention: Partial<Mention>;
}

/** The scene with other objects; its background gives way only where it would hide one of them. */
function withObjects(scene: Scene, random: Random, options: SceneOptions, objects: readonly SceneObject[]): Scene {
  const hidden = !standsOut(scene.background, objects);
  const background = hidden ? sampleBackground(random, options.variety === 'wide', objects) : scene.background;
  return { ...scene, objects, background };
}

function recoloured(random: Random, object: SceneObject, colour: Colour): SceneObject {
  return { ...object, colour, rgb: shadeOf(random, colour) };
}

/** Scenes in which the first object takes one value after the other. */
function variants<V>(
  scene: Scene,
  random: Random,
  options: SceneOptions,
  values: readonly V[],
  change: (first: SceneObject, value: V) => SceneObject,
): Scene[] {
  const [first, ...others] = scene.objects as [SceneObject, ...SceneObject[]];
  return values.map((value) => withObjects(scene, random, options, [change(first, value), ...others]));
}

/** Free centres for the first object, each in a field of the picture of its own. */
function freePlaces(scene: Scene, random: Random, count: number): { x: number; y: number }[] {
  const [first, ...others] = scene.objects as [SceneObject, ...SceneObject[]];
  const found = new Map([[placeOf(first), { x: first.x, y: first.y }]]);
  for (let tries = 0; tries < 60 && found.size < count; tries += 1) {
    const centre = {
      x: random.between(first.radius, 1 - first.radius),
      y: random.between(first.radius, 1 - first.radius),
    };
    const apart = others.every(
      (other) => Math.hypot(centre.x - other.x, centre.y - other.y) > first.radius + other.radius + 0.03,
    );
    if (apart && !found.has(placeOf(centre))) found.set(placeOf(centre), centre);
  }
  return [...found.values()];
}

function otherBackgrounds(scene: Scene, random: Random, options: SceneOptions, count: number): Background[] {
  const found = new Map([[scene.background.colour, scene.background]]);
  for (let tries = 0; tries < 30 && found.size < count; tries += 1) {
    const background = sampleBackground(random, options.variety === 'wide', scene.objects);
    if (!found.has(background.colour)) found.set(background.colour, background);
  }
  return [...found.values()];
}

function scenesOf(scene: Scene, random: Random, options: SceneOptions, difference: Difference, count: number): Scene[] {
  const [first, second] = scene.objects as [SceneObject, SceneObject?];
  const others = <V>(all: readonly V[], own: V): V[] =>
    [own, ...random.shuffle(all.filter((value) => value !== own))].slice(0, count);
  switch (difference) {
    case 'colour':
      return variants(scene, random, options, others(colours, first.colour), (object, colour) =>
        recoloured(random, object, colour),
      );
    case 'shape':
      return variants(scene, random, options, others(shapesOf(options.variety), first.shape), (object, shape) => ({
        ...object,
        shape,
        ...samplePose(random, options.variety, shape),
        finish: 'filled',
      }));
    case 'place':
      return variants(scene, random, options, freePlaces(scene, random, count), (object, centre) => ({
        ...object,
        ...centre,
      }));
    case 'background':
      return otherBackgrounds(scene, random, options, count).map((background) => ({ ...scene, background }));
    case 'exchange': {
      if (second === undefined || first.colour === second.colour || first.shape === second.shape) return [scene];
      const [, , ...rest] = scene.objects;
      const exchanged = [recoloured(random, first, second.colour), recoloured(random, second, first.colour)];
      return [scene, withObjects(scene, random, options, [...exchanged, ...rest])];
    }
  }
}

/** Tells a group's captions apart. */
const mentions: { readonly [D in Difference]: Partial<Mention> } = {
  colour: { look: true },
  shape: { look: true },
  exchange: { look: true },
  place: { place: true },
  background: { ground: true },
};

/**
 * A group of 2 to `count` scenes; the difference is drawn at random when not given ('exchange' always gives two).
 * Rarely a scene has no room for the difference: then another scene is drawn.
 */
export function contrastGroup(
  random: Random,
  options: SceneOptions,
  count: number,
  difference: Difference = random.pick(differences),
): ContrastGroup {
  for (;;) {
    const scenes = scenesOf(sampleScene(random, options), random, options, difference, count);
    if (scenes.length > 1) return { difference, scenes, mention: mentions[difference] };
  }
}
