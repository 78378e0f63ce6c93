/** Descriptions: a scene told completely in text, so that a text-only model can be asked about it. */
import type { Random } from '../../common/random.ts';
import { counted, nounPhrase, reworded, say } from './language.ts';
import { gridWords, placeOf, placePhrases } from './places.ts';
import type { Scene, SceneObject, Variety } from './scene.ts';

export const descriptionWordings = {
  object: [
    'there is {thing} {place}',
    '{thing} is {place}',
    '{thing} {place}',
    '{thing} lies {place}',
    'we see {thing} {place}',
  ],
  ground: ['the background is {ground}', 'a {ground} background', 'everything is on a {ground} background'],
} as const;

/** The words of one shape, without order: size, colour, shape, finish, place, grid column and row. */
export function objectWords(object: SceneObject): string[] {
  const finish = object.finish === 'hollow' ? ['hollow'] : [];
  return [object.size, ...finish, object.colour, object.shape, ...placeOf(object).split(' '), ...gridWords(object)];
}

export function backgroundWords({ background }: Scene): string[] {
  return ['background', background.colour];
}

/** Every shape and the background as words only, "small red circle top left c1 r0; background white". */
export function bagDescription(scene: Scene, random: Random): string {
  return random
    .shuffle([...scene.objects.map(objectWords), backgroundWords(scene)])
    .map((words) => words.join(' '))
    .join('; ');
}

/** Every shape with size, colour, shape and place, and the background, in sentences or in one list. */
export function sentenceDescription(scene: Scene, random: Random, variety: Variety): string {
  const fine = random.chance(0.4);
  const parts = random.shuffle(scene.objects).map((object) => {
    const thing = counted(1, nounPhrase(random, object, true));
    const place = say(random, placePhrases[placeOf(object)]);
    return say(random, descriptionWordings.object, {
      thing,
      place: fine ? `${place} ${gridWords(object).join(' ')}` : place,
    });
  });
  const ground = say(random, descriptionWordings.ground, { ground: scene.background.colour });
  const ordered = random.chance(0.5) ? [...parts, ground] : [ground, ...parts];
  const text = `${ordered.join(random.chance(0.5) ? '. ' : ', ')}.`;
  return variety === 'wide' ? reworded(random, text) : text;
}

/** A description in either form. */
export function description(scene: Scene, random: Random, variety: Variety): string {
  return random.chance(0.4) ? bagDescription(scene, random) : sentenceDescription(scene, random, variety);
}
