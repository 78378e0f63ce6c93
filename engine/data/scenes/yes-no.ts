/** Questions with the answer yes or no. Each first decides which answer it wants, so that both are equally common. */
import type { Random } from '../../common/random.ts';
import type { Asker, Askers } from './asker.ts';
import { colours } from './colours.ts';
import { numberWords, plural, say } from './language.ts';
import {
  holds,
  isClearPlace,
  opposite,
  type Place,
  placeOf,
  placePhrases,
  relationPhrases,
  relations,
} from './places.ts';
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
import { type Scene, type SceneObject, shapesOf, sizeWords } from './scene.ts';
import { shapeTraits } from './shapes.ts';

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
  isAt: ['is the {it} {claim}?', 'is the {it} {claim}?', 'can the {it} be seen {claim}?'],
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
  several: ['is there more than one {thing}?', 'are there at least two {things}?'],
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

/** Another value of the attribute than this one. */
function otherValue(scene: Scene, random: Random, attribute: Attribute, own: string | undefined): string {
  const values = { size: sizeWords, colour: colours, shape: shapesOf(scene.variety) };
  return random.pick((values[attribute] as readonly string[]).filter((value) => value !== own));
}

/** A selection of that kind that nothing fits: mostly one attribute away from what is there. */
function absentSelection(scene: Scene, random: Random, kind: readonly Attribute[]): Selection | undefined {
  for (let tries = 0; tries < 20; tries += 1) {
    const near = selectionOf(random.pick(scene.objects), kind);
    const changed = random.chance(0.7) ? [random.pick(kind)] : kind;
    const others = changed.map((attribute) => [attribute, otherValue(scene, random, attribute, near[attribute])]);
    const selection: Selection = { ...near, ...Object.fromEntries(others) };
    if (select(scene, selection).length === 0 && !isDoubtful(scene, selection)) return selection;
  }
  return undefined;
}

const existence: Asker = (scene, random) => {
  const kind = random.pick(attributeKinds);
  const present = random.chance(0.5);
  const selection = present ? selectionOf(random.pick(scene.objects), kind) : absentSelection(scene, random, kind);
  if (selection === undefined || isDoubtful(scene, selection)) return undefined;
  // before a red background "a red thing" might mean the background
  const generic = selection.colour === scene.background.colour ? 'shape' : random.pick(genericNouns);
  const thing = phraseOf(selection, generic);
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
  const claim = right ? object[attribute] : otherValue(scene, random, attribute, object[attribute]);
  if (it === undefined) return undefined;
  if (attribute === 'shape' && shapeTraits[object.shape].doubtful.some((shape) => shape === claim)) return undefined;
  const negated = random.chance(0.2);
  const forms = attribute === 'shape' ? (['isShape', 'isNotShape'] as const) : (['is', 'isNot'] as const);
  const question = say(random, yesNoWordings[forms[negated ? 1 : 0]], { it, claim, picture: pictureWord(random) });
  return { question, answer: answer(right !== negated) };
};

/** A thing in the top left corner is also "at the top" and "on the left": such claims are not asked. */
function isClearlyElsewhere(actual: string, claimed: string): boolean {
  const words = actual.split(' ');
  return actual !== claimed && !claimed.split(' ').every((word) => words.includes(word));
}

/** Where the object might be but clearly is not; large ones have little choice, so no place stands for yes. */
function elsewhere(random: Random, object: SceneObject): Place | undefined {
  const coordinate = (): number => random.between(object.radius, 1 - object.radius);
  const tried = Array.from({ length: 8 }, () => placeOf({ x: coordinate(), y: coordinate() }));
  return tried.find((place) => isClearlyElsewhere(placeOf(object), place));
}

const placeClaim: Asker = (scene, random) => {
  const object = random.pick(scene.objects);
  const it = referent(scene, random, object);
  const wrong = elsewhere(random, object);
  if (it === undefined || wrong === undefined || !isClearPlace(object)) return undefined;
  const right = random.chance(0.5);
  const claim = say(random, placePhrases[right ? placeOf(object) : wrong]);
  return { question: say(random, yesNoWordings.isAt, { it, claim }), answer: answer(right) };
};

const groundClaim: Asker = ({ background }, random) => {
  if (background.colour === 'light') return undefined;
  const right = random.chance(0.5);
  const claim = right ? background.colour : random.pick(colours.filter((colour) => colour !== background.colour));
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
const keptNo = [0.9, 0.42, 0.2] as const;

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
