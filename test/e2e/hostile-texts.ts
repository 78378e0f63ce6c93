/** Texts that would do something where a page took them for more than text, and a folder in which they are everywhere. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPictures } from './source-folders.ts';

/** Each sets `globalThis.ran` or asks another host, if anything runs it; the last ones change how the text around them reads. */
export const hostileTexts: readonly string[] = [
  '<img src=x onerror="globalThis.ran=1">',
  '<script>globalThis.ran=2</script>',
  '"><svg onload="globalThis.ran=3"></svg>',
  "' onmouseover='globalThis.ran=4' autofocus onfocus='globalThis.ran=5",
  '</title></style></textarea><script>globalThis.ran=6</script>',
  'javascript:globalThis.ran=7',
  '<a href="javascript:globalThis.ran=8">press here</a>',
  '<iframe src="https://foreign.test/frame"></iframe><link rel=stylesheet href="//foreign.test/a.css">',
  `{{globalThis.ran=9}} \${globalThis.ran=10} {@html "<img src=x onerror=globalThis.ran=11>"}`,
  '&lt;img src=x onerror=globalThis.ran=12&gt; &#60;b&#62; ]]> <!-- -->',
  'a \u202ewall gnp.exe\u202c \u2066of\u2069 red\u200b\u200d\ufeff bricks',
  '__proto__',
  'constructor',
  'an open \u202eoverride that nothing closes',
];

/** As pictures can be called on a disk; what begins as an address is refused. */
export const hostileFileNames: readonly string[] = hostileTexts.map((text) => `${text.replaceAll(/[/:]/g, '-')}.png`);

/** As they stand on the disk. */
export const hostileFolderName = '<b onclick=globalThis.ran=13>folder';
export const hostileTableName = '<script>globalThis.ran=14<script>.jsonl';
/** A field that no table has, and a picture that is an address: the reasons of the refusals name them. */
export const hostileRefused = ['<script>globalThis.ran=15</script>', 'javascript:globalThis.ran=16'] as const;

/**
 * A JSON Lines file with pictures: a row for each text, which is caption, question, answer of seven, and type of question and answer;
 * by turns of the splits train and val. Two rows more are refused. Gives the file's path.
 */
export async function hostileFolder(parent: string): Promise<string> {
  const folder = join(parent, hostileFolderName);
  await addPictures(folder, hostileFileNames);
  const rows = hostileTexts.map((text, position) => ({
    image: hostileFileNames[position],
    caption: text,
    question: text,
    answers: [...Array<string>(7).fill(text), 'red', 'red', hostileTexts[0]],
    question_type: text,
    answer_type: text,
    split: position % 2 === 0 ? 'train' : 'val',
  }));
  const [field, image] = hostileRefused;
  const refused = [{ [field]: 1 }, { image, caption: 'There is no such picture', split: 'train' }];
  const [first, ...others] = rows;
  const path = join(folder, hostileTableName);
  // The refused ones among the first: a preview reads no more.
  writeFileSync(path, [first, ...refused, ...others].map((row) => JSON.stringify(row)).join('\n'));
  return path;
}

/** Texts of the split val. */
export const hostileValTexts = hostileTexts.filter((_, position) => position % 2 === 1);
