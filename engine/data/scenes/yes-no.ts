/** Questions with the answer yes or no. Each first decides which answer it wants, so that both are equally common. */
import type { Random } from '../../common/random.ts';
import type { Asker, Askers } from './asker.ts';
import { colours } from './colours.ts';
import { numberWords, plural, say } from './language.ts';
import { holds, isClearPlace, opposite, placeOf, placePhrases, places, relationPhrases, relations } from './places.ts';
import {
  type Attribute,
  genericNouns,
  isDoubtful,
  phraseOf,
  referent,
  type Selection,
  select,
  selectionOf,
} from './referents.ts';
import { type Scene, type SceneObject, sizeWords } from './scene.ts';
import { plainShapes, shapes, shapeTraits } from './shapes.ts';

export const yesNoWordings = {
  picture: ['image', 'image', 'picture', 'photo'],
  exists: [
    'is there a {thing}?',
    'is there a {thing} in the {picture}?',
    'does the {picture} contain a {thing}?',
    'is a {thing} present?',
    'do you see a {thing}?',
    'can you see a {thing} in the {picture}?',
    'does the {picture} show a {thing}?',
    'is a {thing} in the {picture}?',
    'are there any {things}?',
    'are there any {things} in the {picture}?',
    'is there any {thing}?',
  ],
  lacks: [
    'is there no {thing}?',
    'is there no {thing} in the {picture}?',
    'is there not a {thing}?',
    'is there not a {thing} in the {picture}?',
    'does the {picture} not contain a {thing}?',
    'does the {picture} contain no {thing}?',
    'is no {thing} present?',
    'are there no {things}?',
    'is a {thing} missing?',
    'does the {picture} not show a {thing}?',
  ],
  is: ['is the {it} {claim}?', 'is the {it} {claim}?', 'is the {it} in the {picture} {claim}?'],
  isNot: ['is the {it} not {claim}?'],
  isShape: ['is the {it} a {claim}?'],
  isNotShape: ['is the {it} not a {claim}?'],
  ground: ['is the background {claim}?', 'is the background of the {picture} {claim}?'],
  related: ['is the {a} {relation} the {b}?'],
  larger: ['is the {a} larger than the {b}?', 'is the {a} bigger than the {b}?'],
  smaller: ['is the {a} smaller than the {b}?'],
  total: [
    'are there {number} {things}?',
    'are there {number} {things} in the {picture}?',
    'are there exactly {number} {things}?',
  ],
  single: ['is there only one {thing}?', 'is there just one {thing} in the {picture}?'],
  several: ['is there more than one {thing}?', 'are there several {things}?'],
  sameColour: ['are both shapes the same color?', 'do the two shapes have the same color?'],
  sameShape: ['are both objects the same shape?', 'do the two objects have the same shape?'],
} as const;

const attributeKinds: readonly (readonly Attribute[])[] = [
  ['shape'],
  ['shape'],
  ['colour'],
  ['colour'],
  ['colour', 'shape'],
  ['colour', 'shape'],
  ['size', 'shape'],
  ['size', 'colour'],
];

const answer = (yes: boolean): string => (yes ? 'yes' : 'no');
const pictureWord = (random: Random): string => random.pick(yesNoWordings.picture);

/** The shapes a question may name: those of the sample dataset, or all where the scene shows one of the others. */
function nameable(scene: Scene): typeof plainShapes {
  return scene.objects.every(({ shape }) => plainShapes.includes(shape)) ? plainShapes : shapes;
}

function anyValue(scene: Scene, random: Random, attribute: Attribute): Selection {
  const values = { size: sizeWords, colour: colours, shape: nameable(scene) };
  return { [attribute]: random.pick(values[attribute]) };
}

/** A selection of that kind that nothing fits: mostly one attribute away from what is there. */
function absentSelection(scene: Scene, random: Random, kind: readonly Attribute[]): Selection | undefined {
  for (let tries = 0; tries < 20; tries += 1) {
    const near = selectionOf(random.pick(scene.objects), kind);
    const changed = random.chance(0.7) ? [random.pick(kind)] : kind;
    const selection: Selection = Object.assign(
      {},
      near,
      ...changed.map((attribute) => anyValue(scene, random, attribute)),
    );
    if (select(scene, selection).length === 0 && !isDoubtful(scene, selection)) return selection;
  }
  return undefined;
}

const existence: Asker = (scene, random) => {
  const kind = random.pick(attributeKinds);
  const present = random.chance(0.5);
  const selection = present ? selectionOf(random.pick(scene.objects), kind) : absentSelection(scene, random, kind);
  if (selection === undefined || isDoubtful(scene, selection)) return undefined;
  const thing = phraseOf(selection, random.pick(genericNouns));
  const negated = random.chance(0.35);
  const question = say(random, negated ? yesNoWordings.lacks : yesNoWordings.exists, {
    thing,
    things: plural(thing),
    picture: pictureWord(random),
  });
  return { question, answer: answer(present !== negated) };
};

/** "is the circle red?" and the like, for one object that a phrase picks out. */
const attributeClaim: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const attribute = random.pick<Attribute>(['colour', 'colour', 'shape', 'size']);
  const it = referent(scene, random, object, [attribute]);
  const right = random.chance(0.5);
  const claim = right ? object[attribute] : anyValue(scene, random, attribute)[attribute];
  if (it === undefined || claim === undefined || (!right && claim === object[attribute])) return undefined;
  if (attribute === 'shape' && shapeTraits[object.shape].doubtful.some((shape) => shape === claim)) return undefined;
  const negated = random.chance(0.2);
  const forms = attribute === 'shape' ? (['isShape', 'isNotShape'] as const) : (['is', 'isNot'] as const);
  const question = say(random, yesNoWordings[forms[negated ? 1 : 0]], { it, claim, picture: pictureWord(random) });
  return { question, answer: answer(right !== negated) };
};

const placeClaim: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object);
  if (it === undefined || !isClearPlace(object)) return undefined;
  const right = random.chance(0.5);
  const place = right ? placeOf(object) : random.pick(places);
  if (!right && !isClearlyElsewhere(placeOf(object), place)) return undefined;
  const question = say(random, yesNoWordings.is.slice(0, 1), { it, claim: say(random, placePhrases[place]) });
  return { question, answer: answer(right) };
};

/** A thing in the top left corner is also "at the top" and "on the left": such claims are not asked. */
function isClearlyElsewhere(actual: string, claimed: string): boolean {
  const words = actual.split(' ');
  return actual !== claimed && !claimed.split(' ').every((word) => words.includes(word));
}

const groundClaim: Asker = ({ background }, random) => {
  if (background.colour === 'light') return undefined;
  const right = random.chance(0.5);
  const claim = right ? background.colour : random.pick(colours);
  if (!right && claim === background.colour) return undefined;
  return {
    question: say(random, yesNoWordings.ground, { claim, picture: pictureWord(random) }),
    answer: answer(right),
  };
};

function twoReferents(
  scene: Scene,
  random: Random,
): { a: string; b: string; objects: [SceneObject, SceneObject] } | undefined {
  const [first, second] = random.shuffle(scene.objects);
  if (first === undefined || second === undefined) return undefined;
  const a = referent(scene, random, first);
  const b = referent(scene, random, second);
  return a === undefined || b === undefined ? undefined : { a, b, objects: [first, second] };
}

const relationClaim: Asker = (scene, random) => {
  const pair = twoReferents(scene, random);
  if (pair === undefined) return undefined;
  const { a, b, objects } = pair;
  const axis = random.pick(relations);
  const truth = holds(objects[0], axis, objects[1]);
  if (truth === undefined) return undefined;
  const wanted = random.chance(0.5);
  const relation = truth === wanted ? axis : opposite[axis];
  return {
    question: say(random, yesNoWordings.related, { a, b, relation: say(random, relationPhrases[relation]) }),
    answer: answer(wanted),
  };
};

const sizeComparison: Asker = (scene, random) => {
  const pair = twoReferents(scene, random);
  if (pair === undefined || pair.objects[0].size === pair.objects[1].size) return undefined;
  const { a, b, objects } = pair;
  const larger = random.chance(0.5);
  const question = say(random, larger ? yesNoWordings.larger : yesNoWordings.smaller, { a, b });
  return { question, answer: answer(objects[0].radius > objects[1].radius === larger) };
};

/** How often a "no" is kept for one, two, three shapes: scenes of other numbers outnumber those of this one. */
const keptNo = [0.8, 0.5, 0.25] as const;

const totalClaim: Asker = (scene, random) => {
  const number = 1 + random.below(keptNo.length);
  const right = scene.objects.length === number;
  if (!right && !random.chance(keptNo[number - 1]!)) return undefined;
  const thing = random.pick(genericNouns);
  const slots = { thing, things: plural(thing), number: numberWords[number]!, picture: pictureWord(random) };
  return {
    question: say(random, number === 1 ? yesNoWordings.single : yesNoWordings.total, slots),
    answer: answer(right),
  };
};

const severalClaim: Asker = (scene, random) => {
  const thing = random.pick(genericNouns);
  const question = say(random, yesNoWordings.several, { thing, things: plural(thing) });
  return { question, answer: answer(scene.objects.length > 1) };
};

const sameness: Asker = ({ objects }, random) => {
  const [a, b] = objects;
  if (objects.length !== 2 || a === undefined || b === undefined) return undefined;
  const byColour = random.chance(0.5);
  const same = byColour ? a.colour === b.colour : a.shape === b.shape;
  if (!same && !random.chance(0.4)) return undefined; // two things mostly differ
  if (!byColour && shapeTraits[a.shape].doubtful.includes(b.shape)) return undefined;
  return { question: say(random, byColour ? yesNoWordings.sameColour : yesNoWordings.sameShape), answer: answer(same) };
};

export const yesNoAskers: Askers = [
  [existence, 10],
  [attributeClaim, 4],
  [placeClaim, 1.5],
  [groundClaim, 1],
  [relationClaim, 2],
  [sizeComparison, 0.7],
  [totalClaim, 1],
  [severalClaim, 0.4],
  [sameness, 0.7],
];
