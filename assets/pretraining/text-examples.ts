/** Text-only training examples of the bundled T5, each a pure function of a key. */
import { Random } from '../../engine/common/random.ts';
import { caption } from '../../engine/data/scenes/captions.ts';
import { corpusSentence } from '../../engine/data/scenes/corpus.ts';
import { backgroundWords, description, objectWords } from '../../engine/data/scenes/descriptions.ts';
import { gridWords } from '../../engine/data/scenes/places.ts';
import { askOne, drawAnswerType } from '../../engine/data/scenes/questions.ts';
import { pretrainingScenes, type Scene, type SceneObject, sampleScene } from '../../engine/data/scenes/scene.ts';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer.ts';

/** Most words that one bag token can hold. */
export const BAG_WORDS = 10;
const LONGEST_TEXT = 72;
const LONGEST_TARGET = 40;

/** One word of a bag token and its share of the sum. */
export interface BagWord {
  readonly id: number;
  readonly share: number;
}

export interface TextExample {
  readonly ids: readonly number[];
  readonly bags: readonly (readonly BagWord[])[];
  readonly target: readonly number[];
}

/** What is asked of the model, and how often. */
export const textTasks = {
  /** Span corruption of picture language (T5, section 3.1.4 of its paper). */
  corrupt: 0.12,
  /** A question about a scene described in words. */
  askWords: 0.15,
  /** A question about a scene described by bag tokens. */
  askBags: 0.45,
  /** A caption of a scene described in words. */
  tellWords: 0.05,
  /** A caption of a scene described by bag tokens. */
  tellBags: 0.23,
} as const;

export type TextTask = keyof typeof textTasks;

/** Word ids as T5 sees them, without the end of text. */
function wordIds(tokenizer: Tokenizer, text: string): number[] {
  return tokenizer.encode(text, { addSpecialTokens: false });
}

function bag(tokenizer: Tokenizer, random: Random, words: readonly string[]): BagWord[] {
  const kept = words.filter(() => !random.chance(0.08));
  const ids = (kept.length > 0 ? kept : words).flatMap((word) => wordIds(tokenizer, word));
  return ids.slice(0, BAG_WORDS).map((id) => ({ id, share: random.between(0.4, 1.6) }));
}

/** The words that hold at one spot of an object: what it is, where it is, and the grid cell of the spot itself. */
function spotWords(random: Random, object: SceneObject): string[] {
  const around = (centre: number): number =>
    Math.min(0.999, Math.max(0, centre + random.between(-0.8, 0.8) * object.radius));
  const own: readonly string[] = gridWords(object);
  const spot = gridWords({ x: around(object.x), y: around(object.y) });
  return [...objectWords(object).filter((word) => !own.includes(word)), ...spot];
}

/** A scene as unordered vectors: several spots of each object, several of the background, as patches would have it. */
export function sceneBags(tokenizer: Tokenizer, random: Random, scene: Scene): BagWord[][] {
  const bags: BagWord[][] = [];
  for (const object of scene.objects) {
    const cells = Math.min(5, Math.max(1, Math.round(object.radius * object.radius * 150)));
    const spots = 1 + random.below(cells);
    for (let i = 0; i < spots; i += 1) bags.push(bag(tokenizer, random, spotWords(random, object)));
  }
  const empty = 1 + random.below(5);
  for (let i = 0; i < empty; i += 1) {
    const spot = gridWords({ x: random.uniform() * 0.999, y: random.uniform() * 0.999 });
    bags.push(bag(tokenizer, random, [...backgroundWords(scene), ...spot]));
  }
  return random.shuffle(bags);
}

/** Replaces 15 % of the words, in spans of about three, by sentinels; the target spells the spans out. */
export function corrupted(tokenizer: Tokenizer, random: Random, ids: readonly number[]): TextExample {
  const sentinel = (i: number): number => tokenizer.idOf(`<extra_id_${i}>`)!;
  const source: number[] = [];
  const target: number[] = [];
  let spans = 0;
  let i = 0;
  while (i < ids.length) {
    const due = spans === 0 && i === ids.length - 1;
    if (spans < 31 && (due || random.chance(0.07))) {
      const length = 1 + random.below(4);
      source.push(sentinel(spans));
      target.push(sentinel(spans), ...ids.slice(i, i + length));
      spans += 1;
      i += length;
      if (i < ids.length) source.push(ids[i]!);
    } else {
      source.push(ids[i]!);
    }
    i += 1;
  }
  target.push(sentinel(spans), tokenizer.eosId!);
  return { ids: [...source, tokenizer.eosId!], bags: [], target };
}

function draw(tokenizer: Tokenizer, random: Random, task: TextTask): TextExample {
  if (task === 'corrupt') return corrupted(tokenizer, random, wordIds(tokenizer, corpusSentence(random)));
  const scene = sampleScene(random, pretrainingScenes);
  const inWords = task === 'askWords' || task === 'tellWords';
  const ask = task === 'askWords' || task === 'askBags';
  const question = ask ? askOne(scene, random, drawAnswerType(random)) : undefined;
  const prompt = question === undefined ? 'caption:' : `vqa: ${question.question}`;
  const text = inWords ? `${prompt} ${description(scene, random, 'wide')}` : prompt;
  const target = question === undefined ? caption(scene, random, { variety: 'moderate' }) : question.answer;
  const bags = inWords ? [] : sceneBags(tokenizer, random, scene);
  return { ids: tokenizer.encode(text), bags, target: tokenizer.encode(target) };
}

/** The example of this task under this key; overlong ones are drawn again. */
export function textExample(tokenizer: Tokenizer, task: TextTask, ...key: readonly (number | string)[]): TextExample {
  const random = new Random(...key);
  for (;;) {
    const example = draw(tokenizer, random, task);
    if (example.ids.length <= LONGEST_TEXT && example.target.length <= LONGEST_TARGET) return example;
  }
}
