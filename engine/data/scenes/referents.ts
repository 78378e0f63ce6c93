/** Phrases that pick shapes out of a scene ("the small red circle", "red shapes"), and whether they leave any doubt. */
import type { Random } from '../../common/random.ts';
import type { Colour } from './colours.ts';
import type { Scene, SceneObject, SizeWord } from './scene.ts';
import { type Shape, shapeTraits } from './shapes.ts';

/** What a phrase says; whatever it leaves out may be anything. */
export interface Selection {
  readonly size?: SizeWord;
  readonly colour?: Colour;
  readonly shape?: Shape;
}
export type Attribute = keyof Selection;

/** Nouns for any shape whatever. */
export const genericNouns = ['shape', 'object', 'thing'] as const;

export function matches(object: SceneObject, { size, colour, shape }: Selection): boolean {
  return (
    (size === undefined || object.size === size) &&
    (colour === undefined || object.colour === colour) &&
    (shape === undefined || object.shape === shape)
  );
}

export function select(scene: Scene, selection: Selection): SceneObject[] {
  return scene.objects.filter((object) => matches(object, selection));
}

/** Whether the scene holds a shape that some would count in and others not (a square among the rectangles). */
export function isDoubtful(scene: Scene, selection: Selection): boolean {
  const { shape } = selection;
  if (shape === undefined) return false;
  return shapeTraits[shape].doubtful.some((other) => select(scene, { ...selection, shape: other }).length > 0);
}

/** "small red circle"; without a shape, "small red shape". */
export function phraseOf({ size, colour, shape }: Selection, generic: string = genericNouns[0]): string {
  return [size, colour, shape ?? generic].filter((word) => word !== undefined).join(' ');
}

const attributeSets: readonly (readonly Attribute[])[] = [
  [],
  ['shape'],
  ['colour'],
  ['colour', 'shape'],
  ['size'],
  ['size', 'shape'],
  ['size', 'colour'],
  ['size', 'colour', 'shape'],
];

/** The given attributes of an object. */
export function selectionOf(object: SceneObject, attributes: readonly Attribute[]): Selection {
  return Object.fromEntries(attributes.map((attribute) => [attribute, object[attribute]]));
}

/** A phrase that only this object fits and that does not give the `hidden` attributes away, if there is one. */
export function referent(
  scene: Scene,
  random: Random,
  object: SceneObject,
  hidden: readonly Attribute[] = [],
): string | undefined {
  const unique = attributeSets.filter((attributes) => {
    const selection = selectionOf(object, attributes);
    return (
      !attributes.some((attribute) => hidden.includes(attribute)) &&
      select(scene, selection).length === 1 &&
      !isDoubtful(scene, selection)
    );
  });
  if (unique.length === 0) return undefined;
  const least = Math.min(...unique.map((attributes) => attributes.length));
  const short = unique.filter((attributes) => attributes.length === least);
  const generic = hidden.includes('shape') || random.chance(0.25) ? 'object' : 'shape'; // not "what shape is the shape?"
  return phraseOf(selectionOf(object, random.pick(random.chance(0.6) ? short : unique)), generic);
}
