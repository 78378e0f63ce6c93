/** Questions with another word as answer: a colour, a shape, a size, a place. */
import type { Random } from '../../common/random.ts';
import type { Asker, Askers } from './asker.ts';
import { plural, say } from './language.ts';
import { holds, isClearPlace, placeOf, placePhrases, relationPhrases, relations } from './places.ts';
import { isDoubtful, phraseOf, referent, type Selection, select } from './referents.ts';
import type { Scene, SceneObject } from './scene.ts';

export const otherWordings = {
  picture: ['image', 'picture', 'photo'],
  colour: [
    'what color is the {it}?',
    'what color is the {it}?',
    'what is the color of the {it}?',
    'which color is the {it}?',
    'what color does the {it} have?',
    'what colour is the {it}?',
    'the {it} is what color?',
    'what color is the {it} in the {picture}?',
  ],
  shape: [
    'what shape is the {it}?',
    'what is the {it}?',
    'which shape is the {it}?',
    'what is the shape of the {it}?',
    'what kind of shape is the {it}?',
  ],
  sharedColour: ['what color are the {things}?', 'what color are the {things} in the {picture}?'],
  sharedShape: ['what shape are the {things}?', 'what are the {things}?'],
  onlyShape: [
    'what shape is in the {picture}?',
    'what shape is present?',
    'what shape does the {picture} contain?',
    'what shape is this?',
    'which shape is in the {picture}?',
    'what shape does the {picture} show?',
    'what is in the {picture}?',
    'which shape do you see?',
  ],
  shapeOfColour: ['what shape is {colour}?', 'which shape is {colour}?', 'what is {colour}?'],
  ground: ['what color is the background?', 'what is the color of the background?', 'which color is the background?'],
  size: ['what size is the {it}?', 'how big is the {it}?', 'how large is the {it}?', 'what is the size of the {it}?'],
  where: ['where is the {it}?', 'where is the {it} in the {picture}?', 'in which part of the {picture} is the {it}?'],
  side: ['is the {it} on the left or on the right?', 'on which side is the {it}, left or right?'],
  height: ['is the {it} at the top or at the bottom?'],
  shapeRelated: [
    'what shape is {relation} the {it}?',
    'which shape is {relation} the {it}?',
    'what is {relation} the {it}?',
  ],
  colourRelated: [
    'what color is the shape {relation} the {it}?',
    'what is the color of the shape {relation} the {it}?',
  ],
  shapeAt: ['what shape is {place}?', 'what is {place}?', 'which shape is {place} of the {picture}?'],
  colourAt: ['what color is the shape {place}?', 'what color is the object {place}?'],
  larger: ['which shape is larger, the {a} or the {b}?', 'which is bigger, the {a} or the {b}?'],
  smaller: ['which shape is smaller, the {a} or the {b}?'],
} as const;

const pictureWord = (random: Random): string => random.pick(otherWordings.picture);

const colour: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object, ['colour']);
  if (it === undefined) return undefined;
  return { question: say(random, otherWordings.colour, { it, picture: pictureWord(random) }), answer: object.colour };
};

const shape: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object, ['shape']);
  if (it === undefined) return undefined;
  const unique = select(scene, { colour: object.colour }).length === 1;
  if (unique && random.chance(0.2)) {
    return { question: say(random, otherWordings.shapeOfColour, { colour: object.colour }), answer: object.shape };
  }
  return { question: say(random, otherWordings.shape, { it }), answer: object.shape };
};

const onlyShape: Asker = ({ objects }, random) => {
  if (objects.length !== 1) return undefined;
  return {
    question: say(random, otherWordings.onlyShape, { picture: pictureWord(random) }),
    answer: objects[0]!.shape,
  };
};

/** What several things of one kind have in common. */
const shared: Asker = (scene, random) => {
  const { colour, shape } = random.pick(scene.objects);
  const byColour = random.chance(0.5);
  const selection = random.pick<Selection>([{}, byColour ? { shape } : { colour }]);
  const group = select(scene, selection);
  const agree = group.every((object) => (byColour ? object.colour === colour : object.shape === shape));
  if (group.length < 2 || !agree || isDoubtful(scene, selection)) return undefined;
  const things = plural(phraseOf(selection, byColour ? 'shape' : 'object'));
  return {
    question: say(random, byColour ? otherWordings.sharedColour : otherWordings.sharedShape, {
      things,
      picture: pictureWord(random),
    }),
    answer: byColour ? colour : shape,
  };
};

const ground: Asker = ({ background }, random) =>
  background.colour === 'light'
    ? undefined
    : { question: say(random, otherWordings.ground), answer: background.colour };

const size: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object, ['size']);
  return it === undefined ? undefined : { question: say(random, otherWordings.size, { it }), answer: object.size };
};

const where: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object);
  if (it === undefined || !isClearPlace(object)) return undefined;
  return { question: say(random, otherWordings.where, { it, picture: pictureWord(random) }), answer: placeOf(object) };
};

const side: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object);
  const across = random.chance(0.6);
  const value = across ? object.x : object.y;
  if (it === undefined || Math.abs(value - 0.5) < 0.12) return undefined;
  const ends = across ? (['left', 'right'] as const) : (['top', 'bottom'] as const);
  const question = say(random, across ? otherWordings.side : otherWordings.height, { it });
  return { question, answer: ends[value < 0.5 ? 0 : 1] };
};

/** The only object that clearly stands in the relation while all others clearly do not. */
function soleRelated(scene: Scene, random: Random): { it: string; relation: string; found: SceneObject } | undefined {
  const anchor = random.pick(scene.objects);
  const it = referent(scene, random, anchor);
  const relation = random.pick(relations);
  const others = scene.objects.filter((object) => object !== anchor);
  const verdicts = others.map((object) => holds(object, relation, anchor));
  if (it === undefined || verdicts.includes(undefined) || verdicts.filter(Boolean).length !== 1) return undefined;
  return { it, relation: say(random, relationPhrases[relation]), found: others[verdicts.indexOf(true)]! };
}

const related: Asker = (scene, random) => {
  const sole = soleRelated(scene, random);
  if (sole === undefined) return undefined;
  const { it, relation, found } = sole;
  return random.chance(0.5)
    ? { question: say(random, otherWordings.shapeRelated, { it, relation }), answer: found.shape }
    : { question: say(random, otherWordings.colourRelated, { it, relation }), answer: found.colour };
};

/** What is at a place where exactly one shape is, while all shapes are clearly in their places. */
const atPlace: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const place = placeOf(object);
  // "at the top" would also fit a shape in a top corner, so all words of the place must be missing elsewhere
  const alone = scene.objects.every(
    (other) =>
      other === object || (isClearPlace(other) && !place.split(' ').every((word) => placeOf(other).includes(word))),
  );
  if (!alone || !isClearPlace(object)) return undefined;
  const slots = { place: say(random, placePhrases[place]), picture: pictureWord(random) };
  return random.chance(0.5)
    ? { question: say(random, otherWordings.shapeAt, slots), answer: object.shape }
    : { question: say(random, otherWordings.colourAt, slots), answer: object.colour };
};

const comparison: Asker = (scene, random) => {
  const [a, b] = random.shuffle(scene.objects);
  if (a === undefined || b === undefined || a.size === b.size || a.shape === b.shape) return undefined;
  const alone = [a, b].every((object) => select(scene, { shape: object.shape }).length === 1);
  if (!alone) return undefined;
  const larger = random.chance(0.5);
  const question = say(random, larger ? otherWordings.larger : otherWordings.smaller, { a: a.shape, b: b.shape });
  return { question, answer: (a.radius > b.radius === larger ? a : b).shape };
};

export const otherAskers: Askers = [
  [colour, 4],
  [shape, 3],
  [onlyShape, 1.5],
  [shared, 1],
  [ground, 1],
  [size, 0.8],
  [where, 0.8],
  [side, 0.4],
  [related, 1.2],
  [atPlace, 1],
  [comparison, 0.4],
];
