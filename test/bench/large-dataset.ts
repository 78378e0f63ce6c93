/**
 * A home folder with one large dataset: pictures as large as COCO's, each with a caption and a question with ten answers. There are
 * 100 different ones, and every other file is a link to one of them: to the program each is a picture of its own.
 */
import { existsSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../engine/common/random.ts';
import { datasetFolder } from '../../engine/data/dataset-info.ts';
import { importDataset } from '../../engine/data/import.ts';

export interface LargeDataset {
  readonly name: string;
  /** How long writing the files and importing them took; missing where it was there. */
  readonly seconds?: { readonly files: number; readonly import: number };
}

/** Pictures that are made; all others are links to them. */
export const BASES = 100;
const [WIDTH, HEIGHT] = [640, 480];
const SHARES = { train: 0.8, val: 0.15, test: 0.05 };

const subjects = ['dog', 'cat', 'man', 'woman', 'child', 'horse', 'train', 'bus', 'boat', 'bird', 'giraffe', 'zebra'];
const colours = ['red', 'blue', 'green', 'yellow', 'black', 'white', 'brown', 'orange', 'purple', 'grey', 'pink'];
const acts = ['standing', 'sitting', 'running', 'lying', 'waiting', 'moving', 'resting', 'looking', 'jumping'];
const places = [
  'street',
  'field',
  'beach',
  'kitchen',
  'park',
  'station',
  'river',
  'bridge',
  'garden',
  'mountain',
  'room',
];

const raw = (width: number, height: number) => ({ raw: { width, height, channels: 3 as const } });

/** Soft shapes under the grain of a camera: some 60 KB, as a photograph of that size has. */
async function basePicture(random: Random, grain: Int8Array): Promise<Buffer> {
  const [columns, rows] = [12, 9];
  const tones = Buffer.from(Array.from({ length: columns * rows * 3 }, () => random.below(256)));
  const soft = sharp(tones, raw(columns, rows)).resize(WIDTH, HEIGHT, { kernel: 'cubic', fit: 'fill' });
  const pixels = new Uint8ClampedArray(await soft.raw().toBuffer());
  pixels.forEach((value, i) => {
    pixels[i] = value + grain[i]!;
  });
  return sharp(pixels, raw(WIDTH, HEIGHT)).jpeg({ quality: 75 }).toBuffer();
}

export async function basePictures(random: Random, count: number): Promise<Buffer[]> {
  const grain = Int8Array.from({ length: WIDTH * HEIGHT * 3 }, () => random.below(49) - 24);
  const pictures: Buffer[] = [];
  for (let i = 0; i < count; i += 1) pictures.push(await basePicture(random, grain));
  return pictures;
}

export function textsOf(random: Random, number: number) {
  const [subject, colour, act, place] = [subjects, colours, acts, places].map((words) => random.pick(words));
  const caption = `A ${colour} ${subject} ${act} near the ${place} number ${number}`;
  const [question, answer, answerType] = random.pick([
    [`What color is the ${subject} near the ${place}?`, colour!, 'other'],
    [`Is the ${subject} ${act}?`, 'yes', 'yes/no'],
    [`How many ${subject}s are near the ${place}?`, String(1 + random.below(9)), 'number'],
  ] as const);
  const second = random.pick(colours);
  const answers = Array.from({ length: 10 }, (_, i) => ({
    answer: random.chance(0.8) ? answer : second,
    answer_id: i + 1,
  }));
  const annotation = {
    question_type: question.split(' ').slice(0, 2).join(' ').toLowerCase(),
    answer_type: answerType,
  };
  return { caption, question, answers, annotation };
}

/** Writes COCO's and VQA v2's files and the pictures into `source`. */
async function writeFiles(source: string, images: number): Promise<void> {
  const random = new Random('large dataset');
  const bases = await basePictures(random, Math.min(BASES, images));
  const written: string[] = [];
  let id = 0;
  for (const [split, share] of Object.entries(SHARES)) {
    const folder = join(source, `${split}2014`);
    mkdirSync(folder, { recursive: true });
    const captions = { images: [] as object[], annotations: [] as object[] };
    const questions: object[] = [];
    const annotations: object[] = [];
    for (let i = 0; i < Math.round(images * share); i += 1) {
      id += 1;
      const name = `COCO_${split}2014_${String(id).padStart(12, '0')}.jpg`;
      const path = join(folder, name);
      const base = written[id % bases.length];
      if (base === undefined) writeFileSync(path, bases[id % bases.length]!);
      else linkSync(base, path);
      written[id % bases.length] ??= path;
      const { caption, question, answers, annotation } = textsOf(random, id);
      captions.images.push({ id, file_name: name, width: WIDTH, height: HEIGHT });
      captions.annotations.push({ id, image_id: id, caption });
      questions.push({ question_id: id, image_id: id, question });
      annotations.push({ question_id: id, image_id: id, ...annotation, answers });
    }
    const write = (name: string, value: object): void => writeFileSync(join(source, name), JSON.stringify(value));
    write(`captions_${split}2014.json`, captions);
    write(`questions_${split}2014.json`, { questions });
    write(`annotations_${split}2014.json`, { annotations });
  }
}

/** The dataset `large` of the home, which is made where it is missing. */
export async function makeLargeDataset(home: string, images: number): Promise<LargeDataset> {
  const name = 'large';
  if (existsSync(datasetFolder(home, name))) return { name };
  const source = join(home, 'source');
  const begun = performance.now();
  await writeFiles(source, images);
  const written = performance.now();
  for (const format of ['coco-captions', 'vqa-v2'] as const) {
    await importDataset({ home, name, paths: [source], format });
  }
  return { name, seconds: { files: (written - begun) / 1000, import: (performance.now() - written) / 1000 } };
}
