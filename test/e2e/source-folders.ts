/** Folders as people have them on their disks: COCO captions, VQA v2, CSV tables, each whole and broken in some way. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

/** A new folder for a test's sources. */
export function sourcesFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dept-e2e-sources-'));
}

/** Pictures of one colour each, by these names. */
export async function addPictures(folder: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [position, name] of names.entries()) {
    const background = { r: (position * 53) % 256, g: (position * 101) % 256, b: 140 };
    await sharp({ create: { width: 48, height: 36, channels: 3, background } }).toFile(join(folder, name));
  }
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

const colours = ['red', 'green', 'blue', 'yellow', 'white', 'black'];
const numbers = colours.map((_, position) => position + 1);
const fileOf = (id: number): string => `wall-${id}.jpg`;
/** Where the questions tell no name, the id does. */
const fileOfId = (id: number): string => `COCO_train2014_${String(id).padStart(12, '0')}.jpg`;

/** Six pictures with a caption each; the folder's path. `change` may spoil the file's content. */
export async function cocoFolder(
  parent: string,
  name: string,
  change: (content: { images: object[]; annotations: object[] }) => unknown = (content) => content,
): Promise<string> {
  const folder = join(parent, name);
  await addPictures(join(folder, 'train2014'), numbers.map(fileOf));
  const images = numbers.map((id) => ({ id, file_name: fileOf(id), width: 48, height: 36 }));
  const annotations = numbers.map((id) => ({ id: 100 + id, image_id: id, caption: `A ${colours[id - 1]} wall` }));
  const content = change({ images, annotations });
  if (typeof content === 'string') writeFileSync(join(folder, 'captions_train2014.json'), content);
  else writeJson(join(folder, 'captions_train2014.json'), content);
  return folder;
}

/** Six pictures with a question each, answered by ten people; the folder's path. */
export async function vqaFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  await addPictures(join(folder, 'train2014'), numbers.map(fileOfId));
  const questions = numbers.map((id) => ({ question_id: id * 10, image_id: id, question: 'What colour is the wall?' }));
  const annotations = numbers.map((id) => ({
    question_id: id * 10,
    image_id: id,
    question_type: 'what colour',
    answer_type: 'other',
    answers: Array.from({ length: 10 }, (_, position) => ({
      answer_id: position + 1,
      answer: position < 7 ? colours[id - 1] : 'grey',
    })),
  }));
  writeJson(join(folder, 'v2_OpenEnded_mscoco_train2014_questions.json'), { questions });
  writeJson(join(folder, 'v2_mscoco_train2014_annotations.json'), { annotations });
  return folder;
}

/** Pictures and a table beside them; the folder's path. */
export async function csvFolder(parent: string, name: string, table: string): Promise<string> {
  const folder = join(parent, name);
  await addPictures(
    folder,
    numbers.map((id) => `${id}.png`),
  );
  writeFileSync(join(folder, 'table.csv'), table);
  return folder;
}

/** Rows enough that an import of them takes seconds. */
export function longTable(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => `${(row % 6) + 1}.png,caption number ${row}`);
  return ['image,caption', ...lines].join('\n');
}
