/** Text-only training examples of the bundled T5, each a pure function of a key. */
import { Random } from '../../engine/common/random.ts';
import { caption } from '../../engine/data/scenes/captions.ts';
import { colours } from '../../engine/data/scenes/colours.ts';
import { corpusSentence } from '../../engine/data/scenes/corpus.ts';
import { backgroundWords, description } from '../../engine/data/scenes/descriptions.ts';
import { say } from '../../engine/data/scenes/language.ts';
import { gridWords } from '../../engine/data/scenes/places.ts';
import { askOne, drawAnswerType } from '../../engine/data/scenes/questions.ts';
import { pretrainingScenes, type Scene, type SceneObject, sampleScene } from '../../engine/data/scenes/scene.ts';
import { shapes } from '../../engine/data/scenes/shapes.ts';
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
  corrupt: 0.08,
  /** A question about a scene described in words. */
  askWords: 0.1,
  /** A question about a scene described by bag tokens. */
  askBags: 0.55,
  /** A caption of a scene described in words. */
  tellWords: 0.03,
  /** A caption of a scene described by bag tokens. */
  tellBags: 0.24,
} as const;

export type TextTask = keyof typeof textTasks;

/**
 * How hard the scenes are. `lookup` is nothing but finding the shape of a colour and the colour of a shape: from harder
 * scenes alone it took thousands of steps to learn that. `easy` has few shapes in few spots and plain wordings.
 */
export type Stage = 'lookup' | 'easy' | 'full';

const stages = {
  // never drawn from: `lookupExample` makes its own scenes
  lookup: { scenes: pretrainingScenes, wording: 'moderate', spots: 1, empty: 1, drop: 0 },
  easy: { scenes: { variety: 'wide', objects: [0.5, 0.5] }, wording: 'moderate', spots: 2, empty: 1, drop: 0 },
  full: { scenes: pretrainingScenes, wording: 'wide', spots: 5, empty: 5, drop: 0.08 },
} as const;

/** Word ids as T5 sees them, without the end of text. */
function wordIds(tokenizer: Tokenizer, text: string): number[] {
  return tokenizer.encode(text, { addSpecialTokens: false });
}

/** Words that hold at one spot of a scene: those that say what it is, and lighter ones that say how large and where. */
interface SpotWords {
  readonly what: readonly string[];
  readonly where: readonly string[];
}

function bag(tokenizer: Tokenizer, random: Random, { what, where }: SpotWords, drop: number): BagWord[] {
  const shared = (words: readonly string[], low: number, high: number): BagWord[] =>
    words
      .filter(() => !random.chance(drop))
      .flatMap((word) => wordIds(tokenizer, word))
      .map((id) => ({ id, share: random.between(low, high) }));
  const words = [...shared(what, 0.7, 1.5), ...shared(where, 0.25, 0.75)];
  return words.length > 0 ? words.slice(0, BAG_WORDS) : bag(tokenizer, random, { what, where }, 0);
}

/** What an object is, and its size and the grid cell at one spot of it. */
function objectSpot(random: Random, object: SceneObject): SpotWords {
  const around = (centre: number): number =>
    Math.min(0.999, Math.max(0, centre + random.between(-0.8, 0.8) * object.radius));
  const finish = object.finish === 'hollow' ? ['hollow'] : [];
  return {
    what: [object.colour, object.shape],
    where: [object.size, ...finish, ...gridWords({ x: around(object.x), y: around(object.y) })],
  };
}

/** A scene as unordered vectors: several spots of each object, several of the background, as patches would have it. */
export function sceneBags(tokenizer: Tokenizer, random: Random, scene: Scene, stage: Stage): BagWord[][] {
  const { spots: most, empty: mostEmpty, drop } = stages[stage];
  const bags: BagWord[][] = [];
  for (const object of scene.objects) {
    const cells = Math.min(most, Math.max(1, Math.round(object.radius * object.radius * 150)));
    const spots = 1 + random.below(cells);
    for (let i = 0; i < spots; i += 1) bags.push(bag(tokenizer, random, objectSpot(random, object), drop));
  }
  const empty = 1 + random.below(mostEmpty);
  for (let i = 0; i < empty; i += 1) {
    const where = gridWords({ x: random.uniform() * 0.999, y: random.uniform() * 0.999 });
    bags.push(bag(tokenizer, random, { what: backgroundWords(scene), where }, drop));
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

function draw(tokenizer: Tokenizer, random: Random, task: TextTask, stage: Stage): TextExample | undefined {
  if (task === 'corrupt') return corrupted(tokenizer, random, wordIds(tokenizer, corpusSentence(random)));
  const { scenes, wording } = stages[stage];
  const scene = sampleScene(random, scenes);
  const inWords = task === 'askWords' || task === 'tellWords';
  const ask = task === 'askWords' || task === 'askBags';
  const question = ask ? askOne(scene, random, drawAnswerType(random), wording) : undefined;
  if (ask && question === undefined) return undefined;
  const prompt = question === undefined ? 'caption:' : `vqa: ${question.question}`;
  const text = inWords ? `${prompt} ${description(scene, random, wording)}` : prompt;
  const target = question === undefined ? caption(scene, random, { variety: 'moderate' }) : question.answer;
  const bags = inWords ? [] : sceneBags(tokenizer, random, scene, stage);
  return { ids: tokenizer.encode(text), bags, target: tokenizer.encode(target) };
}

export interface Difficulty {
  readonly stage: Stage;
  /** Share of look-ups that ask whether something is there. */
  readonly presence: number;
}

const lookupWordings = {
  colour: ['what color is the {shape}?', 'what is the color of the {shape}?'],
  shape: ['what shape is {colour}?', 'which shape is {colour}?'],
  present: ['is there a {thing}?', 'is there a {thing} in the image?', 'does the image contain a {thing}?'],
  absent: ['is there not a {thing}?', 'is no {thing} present?', 'does the image not contain a {thing}?'],
} as const;

/** Two to four shapes, no two alike in shape or colour, as bags of two words: a table to look things up in. */
function lookupExample(tokenizer: Tokenizer, random: Random, task: TextTask, presence: number): TextExample {
  const count = 2 + random.below(3);
  const ownColours = random.shuffle(colours).slice(0, count + 1);
  const ownShapes = random.shuffle(shapes).slice(0, count + 1);
  const things = Array.from({ length: count }, (_, i) => ({ colour: ownColours[i]!, shape: ownShapes[i]! }));
  const bags = random
    .shuffle(things)
    .map(({ colour, shape }) => bag(tokenizer, random, { what: [colour, shape], where: [] }, 0));
  const example = (text: string, target: string): TextExample => ({
    ids: tokenizer.encode(text),
    bags,
    target: tokenizer.encode(target),
  });
  if (task !== 'askBags') {
    const said = random.shuffle(things).map(({ colour, shape }) => `a ${colour} ${shape}`);
    return example('caption:', `${said.slice(0, -1).join(', ')} and ${said.at(-1)!}`);
  }
  const asked = random.pick(things);
  const kind = random.uniform() / (1 - presence);
  if (kind < 0.5) return example(`vqa: ${say(random, lookupWordings.colour, { shape: asked.shape })}`, asked.colour);
  if (kind < 1) return example(`vqa: ${say(random, lookupWordings.shape, { colour: asked.colour })}`, asked.shape);
  const there = random.chance(0.5);
  const other = random.pick(things.filter((thing) => thing !== asked));
  const [missingColour, missingShape] = [ownColours[count]!, ownShapes[count]!];
  const named = random.pick(
    there
      ? [`${asked.colour} shape`, asked.shape, `${asked.colour} ${asked.shape}`]
      : [`${missingColour} shape`, missingShape, `${asked.colour} ${other.shape}`],
  );
  const negated = random.chance(0.3);
  const text = say(random, negated ? lookupWordings.absent : lookupWordings.present, { thing: named });
  return example(`vqa: ${text}`, there === negated ? 'no' : 'yes');
}

/** The example of this task under this key; overlong ones, and scenes that leave nothing to ask, are drawn again. */
export function textExample(
  tokenizer: Tokenizer,
  task: TextTask,
  { stage, presence }: Difficulty,
  ...key: readonly (number | string)[]
): TextExample {
  const random = new Random(...key);
  if (stage === 'lookup') return lookupExample(tokenizer, random, task, presence);
  for (;;) {
    const example = draw(tokenizer, random, task, stage);
    if (example === undefined) continue;
    if (example.ids.length <= LONGEST_TEXT && example.target.length <= LONGEST_TARGET) return example;
  }
}
