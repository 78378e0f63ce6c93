/** General picture language for span corruption: scenes in words, and simple sentences about the everyday world. */
import type { Random } from '../../common/random.ts';
import { caption } from './captions.ts';
import { colours } from './colours.ts';
import { type WordKind, wordKinds } from './common-words.ts';
import { description } from './descriptions.ts';
import { numberWords, plural, say } from './language.ts';
import { questions } from './questions.ts';
import { pretrainingScenes, type Scene, sampleScene } from './scene.ts';
import { plainShapes } from './shapes.ts';

export const corpusWordings = {
  /** Slots are kinds of common words, and {colour}, {other}, {shape}, {number}, {more}. */
  everyday: [
    'a {person} is {doing} in the {place}.',
    'a {person} {doing} on a {vehicle}.',
    'a {quality} {person} in a {colour} {clothing} is {doing}.',
    'a {colour} {vehicle} on a {place} near a {thing}.',
    'a {animal} {doing} in the {nature}.',
    'the {animal} and the {person} are {doing}.',
    'a {quality} {animal} with a {colour} {body}.',
    'a {thing} on a {colour} {thing}.',
    'a {colour} {thing} next to a {quality} {thing}.',
    '{number} {things} in a {place}.',
    'a {food} and a {food} on a {colour} {thing}.',
    'a {person} holding a {colour} {thing}.',
    'the {thing} is {colour}. it is not {other}.',
    'what color is the {clothing}? {colour}.',
    'what color is the {vehicle}? it is {colour}.',
    'what is the {person} {doing}? a {thing}.',
    'what animal is this? a {animal}.',
    'how many {things} are there? {digit}.',
    'is there a {animal} in the {place}? yes.',
    'is the {thing} {quality}? no.',
    'where is the {animal}? in the {place}.',
  ],
  colourFacts: ['the {thing} is {colour}.', 'what color is the {thing}? {colour}.', 'a {colour} {thing}.'],
  count: ['one and {number} more make {more}.', '{more} is more than {number}.', '{number} is less than {more}.'],
  shapes: [
    'a {shape} is a shape.',
    '{colour} is a color.',
    'a {shape} can be {colour} or {other}.',
    'if it is {colour}, it is not {other}.',
    'left is the opposite of right.',
    'above is the opposite of below.',
    'top is the opposite of bottom.',
    'large is the opposite of small.',
    'yes is the opposite of no.',
    'a square has four corners.',
    'a triangle has three corners.',
    'a circle has no corners.',
    'a circle is round.',
  ],
} as const;

/** Things of a colour that everybody knows. */
const colourFacts = [
  ['grass', 'green'],
  ['sky', 'blue'],
  ['sea', 'blue'],
  ['snow', 'white'],
  ['milk', 'white'],
  ['banana', 'yellow'],
  ['lemon', 'yellow'],
  ['sun', 'yellow'],
  ['tomato', 'red'],
  ['strawberry', 'red'],
  ['carrot', 'orange'],
  ['elephant', 'gray'],
  ['chocolate', 'brown'],
  ['coffee', 'brown'],
  ['pig', 'pink'],
  ['grape', 'purple'],
  ['night', 'black'],
  ['leaf', 'green'],
] as const;

function everyday(random: Random): string {
  const kinds = Object.keys(wordKinds) as WordKind[];
  const words = Object.fromEntries(kinds.map((kind) => [kind, random.pick(wordKinds[kind])]));
  const count = 1 + random.below(numberWords.length - 2);
  const [colour, other] = random.shuffle(colours);
  const slots = {
    ...words,
    things: plural(random.pick(wordKinds.thing)),
    colour: colour!,
    other: other!,
    shape: random.pick(plainShapes),
    number: numberWords[count]!,
    more: numberWords[count + 1]!,
    digit: String(1 + random.below(9)),
  };
  const { everyday: sentences, count: counts, shapes } = corpusWordings;
  return say(random, random.chance(0.8) ? sentences : random.chance(0.5) ? counts : shapes, slots);
}

function colourFact(random: Random): string {
  const [thing, colour] = random.pick(colourFacts);
  return say(random, corpusWordings.colourFacts, { thing, colour });
}

function dialogue(scene: Scene, random: Random): string {
  return questions(scene, random, 1 + random.below(2), 'wide')
    .map(({ question, answer }) => `${question} ${answer}.`)
    .join(' ');
}

/** One or a few sentences, lower case, with full stops. */
export function corpusSentence(random: Random): string {
  const kind = random.uniform();
  if (kind < 0.25) return everyday(random);
  if (kind < 0.3) return colourFact(random);
  const scene = sampleScene(random, pretrainingScenes);
  if (kind < 0.55) return `${caption(scene, random, { variety: 'wide' })}.`;
  if (kind < 0.75) return description(scene, random, 'wide');
  if (kind < 0.85) return dialogue(scene, random);
  return `${description(scene, random, 'wide')} ${dialogue(scene, random)}`;
}
