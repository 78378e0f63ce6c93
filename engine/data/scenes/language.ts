/** Small tools for wording: templates with slots, plurals, lists, and the nouns and adjectives of a scene. */
import type { Random } from '../../common/random.ts';
import type { Colour } from './colours.ts';
import type { SceneObject, SizeWord, Variety } from './scene.ts';
import type { Shape } from './shapes.ts';

export type Slots = Readonly<Record<string, string>>;

/** Puts the slots into a template such as "is there a {thing}?"; "a" becomes "an" before a vowel. */
export function fill(template: string, slots: Slots): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => slots[name]!).replace(/\ba (?=[aeiou])/g, 'an ');
}

/** One of the templates, filled. */
export function say(random: Random, templates: readonly string[], slots: Slots = {}): string {
  return fill(random.pick(templates), slots);
}

export const numberWords = ['no', 'one', 'two', 'three', 'four'] as const;

/** "red cross" -> "red crosses": the noun is the last word. */
export function plural(phrase: string): string {
  if (/[^f]fe?$/.test(phrase)) return phrase.replace(/fe?$/, 'ves');
  if (/[^aeiou]y$/.test(phrase)) return phrase.replace(/y$/, 'ies');
  return /(?:s|x|sh|ch)$/.test(phrase) ? `${phrase}es` : `${phrase}s`;
}

/** "a red star", "two red stars". */
export function counted(count: number, phrase: string): string {
  return count === 1 ? fill('a {phrase}', { phrase }) : `${numberWords[count]} ${plural(phrase)}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length === 1 ? items[0]! : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Other words for a colour, a size, a shape. The name itself comes first and is by far the most common. */
export const otherWords: { readonly [W in Colour | SizeWord | Shape | 'hollow']?: readonly string[] } = {
  gray: ['grey'],
  purple: ['violet'],
  cyan: ['aqua', 'turquoise'],
  small: ['tiny', 'little'],
  medium: ['medium sized', 'mid sized'],
  large: ['big', 'huge'],
  circle: ['disc', 'disk', 'dot', 'round shape'],
  cross: ['plus', 'plus sign'],
  diamond: ['rhombus shape', 'lozenge'],
  ring: ['hoop', 'round outline'],
  oval: ['ellipse'],
  star: ['five pointed star', 'star shape'],
  heart: ['heart shape'],
  triangle: ['three sided shape'],
  crescent: ['moon', 'crescent moon'],
  hollow: ['outlined', 'empty'],
};

/** The word itself, or now and then another word for it where the wording is wide. */
export function worded(random: Random, variety: Variety, word: keyof typeof otherWords | Colour | Shape): string {
  const others = otherWords[word];
  return others && variety === 'wide' && random.chance(0.2) ? random.pick(others) : word;
}

/** "small red circle", without an article. */
export function nounPhrase(random: Random, variety: Variety, object: SceneObject, withSize: boolean): string {
  const words = [worded(random, variety, object.colour), worded(random, variety, object.shape)];
  if (object.finish === 'hollow' && random.chance(0.7)) words.unshift(worded(random, variety, 'hollow'));
  if (withSize) words.unshift(worded(random, variety, object.size));
  return words.join(' ');
}
