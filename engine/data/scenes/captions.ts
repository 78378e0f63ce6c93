/** Captions: what a person would write under the picture of a scene. */
import type { Random } from '../../common/random.ts';
import { counted, listed, nounPhrase, say, worded } from './language.ts';
import { mainRelation, placeOf, placePhrases, relationPhrases } from './places.ts';
import type { Scene, SceneObject, Variety } from './scene.ts';

/** What a caption says. */
export interface Mention {
  /** Colour and shape of everything; only a wide wording ever leaves one out. */
  readonly look: boolean;
  readonly size: boolean;
  readonly place: boolean;
  readonly ground: boolean;
}

export interface CaptionOptions {
  readonly variety: Variety;
  /** Leave out to let chance decide; true makes sure that it is said. */
  readonly mention?: Partial<Mention>;
}

export const captionWordings = {
  picture: ['image', 'picture', 'photo'],
  plain: ['{list}', '{list}', 'a {picture} of {list}', '{there} {list}', 'the {picture} shows {list}'],
  wide: [
    '{list} in the {picture}',
    'this {picture} shows {list}',
    'a {picture} with {list}',
    '{list} can be seen',
    'we see {list}',
    'this is a {picture} of {list}',
    'a simple drawing of {list}',
    'the {picture} contains {list}',
    '{there} {list} in this {picture}',
    'only {list}',
  ],
  onGround: ['{text} on a {ground} background', '{text} on {ground}', '{text} with a {ground} background'],
  ofOne: [
    'a {shape} that is {colour}',
    'the {shape} is {colour}',
    'a {colour} shape, a {shape}',
    'a {shape} in {colour}',
  ],
  generic: ['a {colour} shape', 'a {picture} of a {colour} shape', 'a {shape} shape', 'there is a {colour} object'],
  related: ['{a} {relation} {b}', '{a} is {relation} {b}'],
  rest: ['{text}, and {rest}', '{text} with {rest}'],
  there: ['there is', 'there are'],
} as const;

/** "two green stars and a red circle": the same things are counted together. */
function groupList(random: Random, variety: Variety, objects: readonly SceneObject[], withSize: boolean): string {
  const groups = Map.groupBy(
    random.shuffle(objects),
    ({ colour, shape, size }) => `${colour} ${shape}${withSize ? size : ''}`,
  );
  return listed(
    [...groups.values()].map((group) => counted(group.length, nounPhrase(random, variety, group[0]!, withSize))),
  );
}

function placedList(random: Random, variety: Variety, objects: readonly SceneObject[], withSize: boolean): string {
  return listed(
    random
      .shuffle(objects)
      .map(
        (object) =>
          `${counted(1, nounPhrase(random, variety, object, withSize))} ${say(random, placePhrases[placeOf(object)])}`,
      ),
  );
}

/** "a red circle left of a blue square, and a star". */
function relationText(random: Random, variety: Variety, objects: readonly SceneObject[], withSize: boolean): string {
  const [a, b, ...others] = random.shuffle(objects) as [SceneObject, SceneObject, ...SceneObject[]];
  const one = (object: SceneObject): string => counted(1, nounPhrase(random, variety, object, withSize));
  const relation = say(random, relationPhrases[mainRelation(a, b)]);
  const text = say(random, captionWordings.related, { a: one(a), b: one(b), relation });
  if (others.length === 0) return text;
  return say(random, captionWordings.rest, { text, rest: groupList(random, variety, others, withSize) });
}

/** One caption, lower case, without a full stop. */
export function caption(scene: Scene, random: Random, { variety, mention = {} }: CaptionOptions): string {
  const { objects, background } = scene;
  const wide = variety === 'wide';
  const size = mention.size ?? random.chance(0.35);
  const place = mention.place ?? random.chance(0.4);
  const ground = mention.ground ?? random.chance(0.3);
  const picture = random.pick(captionWordings.picture);
  const only = objects.length === 1 && !size && !place ? objects[0]! : undefined;

  let text: string;
  if (only && wide && random.chance(0.2)) {
    const slots = { shape: worded(random, variety, only.shape), colour: worded(random, variety, only.colour), picture };
    text = say(random, !mention.look && random.chance(0.3) ? captionWordings.generic : captionWordings.ofOne, slots);
  } else if (objects.length > 1 && mention.place === undefined && random.chance(0.25)) {
    text = relationText(random, variety, objects, size);
  } else {
    const list = (place ? placedList : groupList)(random, variety, objects, size);
    const frames = wide ? [...captionWordings.plain, ...captionWordings.wide] : captionWordings.plain;
    text = say(random, frames, { list, picture, there: captionWordings.there[/^an? /.test(list) ? 0 : 1] });
  }
  if (!ground) return text;
  const groundWord = background.colour === 'light' ? 'light' : worded(random, variety, background.colour);
  // "on white" needs a colour's name
  const frames = background.colour === 'light' ? [captionWordings.onGround[0]] : captionWordings.onGround;
  return say(random, frames, { text, ground: groundWord });
}

/** `count` different captions of one scene. */
export function captions(scene: Scene, random: Random, count: number, options: CaptionOptions): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(caption(scene, random, options));
  return [...found];
}
