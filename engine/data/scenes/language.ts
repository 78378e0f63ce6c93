/** Small tools for wording: templates with slots, plurals, lists, and the nouns and adjectives of a scene. */
import type { Random } from '../../common/random.ts';
import type { Colour } from './colours.ts';
import type { Finish, SceneObject, SizeWord } from './scene.ts';
import type { Shape } from './shapes.ts';

export type Slots = Readonly<Record<string, string>>;

/** "a" becomes "an" before a vowel. */
function withArticles(text: string): string {
  return text.replace(/\ba (?=[aeiou])/g, 'an ');
}

/** Puts the slots into a template such as "is there a {thing}?". */
export function fill(template: string, slots: Slots): string {
  return withArticles(template.replace(/\{(\w+)\}/g, (_, name: string) => slots[name]!));
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

/** Other words for a colour, a size, a shape, a finish. The word itself stays by far the most common. */
export const otherWords: { readonly [W in Colour | SizeWord | Shape | Finish]?: readonly string[] } = {
  gray: ['grey'],
  purple: ['violet'],
  cyan: ['aqua', 'turquoise'],
  small: ['tiny', 'little'],
  medium: ['medium sized', 'mid sized'],
  large: ['big', 'huge'],
  circle: ['disc', 'disk', 'dot', 'round shape'],
  cross: ['plus', 'plus sign'],
  diamond: ['rhombus', 'lozenge'],
  ring: ['hoop', 'round outline'],
  oval: ['ellipse'],
  star: ['five pointed star', 'star shape'],
  heart: ['heart shape'],
  triangle: ['three sided shape'],
  crescent: ['moon', 'crescent moon'],
  hollow: ['outlined', 'empty'],
};
const replaceable = new RegExp(`\\b(${Object.keys(otherWords).join('|')})(e?s)?\\b`, 'g');

/** The text with now and then another word for a colour, size or shape, in the plural where that was. */
export function reworded(random: Random, text: string): string {
  const words: Readonly<Record<string, readonly string[]>> = otherWords;
  const swapped = text.replace(replaceable, (whole, word: string, ending?: string) => {
    if (!random.chance(0.2)) return whole;
    const other = random.pick(words[word]!);
    return ending === undefined ? other : plural(other);
  });
  return withArticles(swapped);
}

/** "small red circle", without an article. */
export function nounPhrase(random: Random, { size, colour, shape, finish }: SceneObject, withSize: boolean): string {
  const hollow = finish === 'hollow' && random.chance(0.7);
  return [...(withSize ? [size] : []), ...(hollow ? [finish] : []), colour, shape].join(' ');
}
