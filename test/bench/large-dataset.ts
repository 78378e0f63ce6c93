/** A home folder with one large dataset: tiny pictures that all differ, each with a caption and a question with ten answers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../engine/common/random.ts';
import { importDataset } from '../../engine/data/import.ts';

export interface LargeDataset {
  readonly home: string;
  readonly name: string;
  readonly images: number;
  /** How long writing the files and importing them took. */
  readonly seconds: { readonly files: number; readonly import: number };
}

/** Pictures that are encoded; the others differ from one of them in a comment inside the file. */
const BASES = 500;
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

/** A JPEG with a comment behind its first marker. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const text = Buffer.from(comment);
  const header = Buffer.from([0xff, 0xfe, 0, 0]);
  header.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), header, text, jpeg.subarray(2)]);
}

/** Two halves of different colours, 64 x 64. */
async function basePicture(random: Random): Promise<Buffer> {
  const pixels = Buffer.alloc(64 * 64 * 3);
  const tones = Array.from({ length: 6 }, () => random.below(256));
  const slope = random.between(-1, 1);
  for (let y = 0; y < 64; y += 1) {
    for (let x = 0; x < 64; x += 1) {
      const half = y - 32 > slope * (x - 32) ? 3 : 0;
      for (let channel = 0; channel < 3; channel += 1) pixels[(y * 64 + x) * 3 + channel] = tones[half + channel]!;
    }
  }
  return sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg({ quality: 70 })
    .toBuffer();
}

function textsOf(random: Random, number: number) {
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

/** Writes COCO's and VQA v2's files and the pictures into `home`/source, and imports them under the name `large`. */
export async function makeLargeDataset(home: string, images = 120_000): Promise<LargeDataset> {
  const begun = performance.now();
  const random = new Random('large dataset');
  const bases: Buffer[] = [];
  for (let i = 0; i < Math.min(BASES, images); i += 1) bases.push(await basePicture(random));
  const source = join(home, 'source');
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
      writeFileSync(join(folder, name), withComment(bases[id % bases.length]!, `picture ${id}`));
      const { caption, question, answers, annotation } = textsOf(random, id);
      captions.images.push({ id, file_name: name, width: 64, height: 64 });
      captions.annotations.push({ id, image_id: id, caption });
      questions.push({ question_id: id, image_id: id, question });
      annotations.push({ question_id: id, image_id: id, ...annotation, answers });
    }
    const write = (name: string, value: object): void => writeFileSync(join(source, name), JSON.stringify(value));
    write(`captions_${split}2014.json`, captions);
    write(`questions_${split}2014.json`, { questions });
    write(`annotations_${split}2014.json`, { annotations });
  }
  const written = performance.now();
  const name = 'large';
  for (const format of ['coco-captions', 'vqa-v2'] as const) {
    await importDataset({ home, name, paths: [source], format });
  }
  const seconds = { files: (written - begun) / 1000, import: (performance.now() - written) / 1000 };
  return { home, name, images, seconds };
}
