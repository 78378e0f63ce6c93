/** Questions with a number as answer, in digits. */

import type { Asker, Askers } from './asker.ts';
import { colours } from './colours.ts';
import { plural, say } from './language.ts';
import { genericNouns, isDoubtful, phraseOf, type Selection, select } from './referents.ts';
import { shapesOf } from './scene.ts';

export const numberWordings = {
  picture: ['image', 'picture', 'photo'],
  howMany: [
    'how many {things} are there?',
    'how many {things} are in the {picture}?',
    'how many {things} are there in the {picture}?',
    'how many {things} do you see?',
    'how many {things} can you see?',
    'how many {things} does the {picture} show?',
    'what number of {things} are there?',
  ],
} as const;

const total: Asker = (scene, random) => ({
  question: say(random, numberWordings.howMany, {
    things: plural(random.pick(genericNouns)),
    picture: random.pick(numberWordings.picture),
  }),
  answer: String(scene.objects.length),
});

/** Counts things of a kind; every number that the scene has to offer is equally likely, none included. */
const kinds: Asker = (scene, random) => {
  const there = scene.objects.flatMap(({ colour, shape }): Selection[] => [{ colour }, { shape }, { colour, shape }]);
  const { colour, shape } = random.pick(scene.objects);
  const [otherColour, otherShape] = [random.pick(colours), random.pick(shapesOf(scene.variety))];
  const missing = random.pick<Selection>([
    { colour: otherColour },
    { shape: otherShape },
    { colour, shape: otherShape },
    { colour: otherColour, shape },
  ]);
  const byCount = Map.groupBy([...there, missing], (selection) => select(scene, selection).length);
  const count = random.pick([...byCount.keys()]);
  const selection = random.pick(byCount.get(count)!);
  if (isDoubtful(scene, selection)) return undefined;
  const things = plural(phraseOf(selection));
  return {
    question: say(random, numberWordings.howMany, { things, picture: random.pick(numberWordings.picture) }),
    answer: String(count),
  };
};

export const numberAskers: Askers = [
  [total, 1],
  [kinds, 2],
];
