/** Captions: what a person would write under the picture of a scene. */
import type { Random } from '../../common/random.ts';
import { counted, listed, nounPhrase, reworded, say } from './language.ts';
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
  generic: ['a {colour} shape', 'a {picture} of a {colour} shape', 'there is a {colour} object'],
  related: ['{a} {relation} {b}', '{a} is {relation} {b}'],
  rest: ['{text}, and {rest}', '{text} with {rest}'],
  there: ['there is', 'there are'],
} as const;

/** "two green stars and a red circle": the same things are counted together. */
function groupList(random: Random, objects: readonly SceneObject[], withSize: boolean): string {
  const groups = Map.groupBy(
    random.shuffle(objects),
    ({ colour, shape, size }) => `${colour} ${shape}${withSize ? size : ''}`,
  );
  return listed([...groups.values()].map((group) => counted(group.length, nounPhrase(random, group[0]!, withSize))));
}

function placedList(random: Random, objects: readonly SceneObject[], withSize: boolean): string {
  return listed(
    random
      .shuffle(objects)
      .map(
        (object) => `${counted(1, nounPhrase(random, object, withSize))} ${say(random, placePhrases[placeOf(object)])}`,
      ),
  );
}

/** "a red circle left of a blue square, and a star". */
function relationText(random: Random, objects: readonly SceneObject[], withSize: boolean): string {
  const [a, b, ...others] = random.shuffle(objects) as [SceneObject, SceneObject, ...SceneObject[]];
  const one = (object: SceneObject): string => counted(1, nounPhrase(random, object, withSize));
  const relation = say(random, relationPhrases[mainRelation(a, b)]);
  const text = say(random, captionWordings.related, { a: one(a), b: one(b), relation });
  if (others.length === 0) return text;
  return say(random, captionWordings.rest, { text, rest: groupList(random, others, withSize) });
}

/** One caption, lower case, without a full stop. */
export function caption(scene: Scene, random: Random, { variety, mention = {} }: CaptionOptions): string {
  const { objects, background } = scene;
  const wide = variety === 'wide';
  const few = objects.length < 3; // nobody tells everything about many things
  const size = mention.size ?? random.chance(few ? 0.35 : 0.1);
  const place = mention.place ?? random.chance(few ? 0.4 : 0.1);
  const ground = mention.ground ?? random.chance(0.3);
  const picture = random.pick(captionWordings.picture);
  const only = objects.length === 1 && !size && !place ? objects[0]! : undefined;

  let text: string;
  if (only && wide && random.chance(0.2)) {
    const slots = { shape: only.shape, colour: only.colour, picture };
    text = say(random, !mention.look && random.chance(0.3) ? captionWordings.generic : captionWordings.ofOne, slots);
  } else if (objects.length > 1 && mention.place === undefined && random.chance(0.25)) {
    text = relationText(random, objects, size);
  } else {
    const list = (place ? placedList : groupList)(random, objects, size);
    const frames = wide ? [...captionWordings.plain, ...captionWordings.wide] : captionWordings.plain;
    text = say(random, frames, { list, picture, there: captionWordings.there[/^an? /.test(list) ? 0 : 1] });
  }
  if (ground) {
    // "on white" needs a colour's name, which a pale tint has not
    const frames = background.colour === 'light' ? captionWordings.onGround.slice(0, 1) : captionWordings.onGround;
    text = say(random, frames, { text, ground: background.colour });
  }
  return wide ? reworded(random, text) : text;
}

/** `count` different captions of one scene. */
export function captions(scene: Scene, random: Random, count: number, options: CaptionOptions): string[] {
  const found = new Set<string>();
  while (found.size < count) found.add(caption(scene, random, options));
  return [...found];
}
