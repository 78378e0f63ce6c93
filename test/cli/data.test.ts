/** `dept data` on two COCO captions, one of an image that is not there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dept } from './fake-host.ts';

let home: string;
let file: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'dept-data-'));
  const images = join(home, 'images');
  file = join(home, 'captions_train.json');
  mkdirSync(images);
  const grey = sharp({ create: { width: 4, height: 4, channels: 3, background: '#808080' } });
  await grey.png().toFile(join(images, 'one.png'));
  const coco = {
    images: [
      { id: 1, file_name: 'one.png', width: 4, height: 4 },
      { id: 2, file_name: 'two.png', width: 4, height: 4 },
    ],
    annotations: [
      { id: 10, image_id: 1, caption: 'a grey square' },
      { id: 11, image_id: 2, caption: 'a lost square' },
    ],
    type: 'captions',
  };
  writeFileSync(file, JSON.stringify(coco));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const importing = () => ['data', 'import', file, '--name', 'grey', '--images', join(home, 'images')];

test('import tells what it took, and what it refused and why', async () => {
  const { exitCode, stdout } = await dept(importing(), { home });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Read as coco-captions: captions_train.json');
  expect(stdout).toMatch(/^caption +train +1$/m);
  expect(stdout).toMatch(/Refused \d+: .*missing-image/);
});

test('import again takes --replace', async () => {
  const refused = await dept([...importing(), '--json'], { home });
  expect(refused.exitCode).toBe(2);
  expect(JSON.parse(refused.stdout).error.code).toBe('already-exists');
  const replaced = await dept([...importing(), '--replace', '--json'], { home });
  expect(JSON.parse(replaced.stdout)).toMatchObject({ parts: [{ task: 'caption', split: 'train', items: 1 }] });
});

test('show has counts and samples, found by their words', async () => {
  const { stdout } = await dept(['data', 'show', 'grey', '--search', 'grey'], { home });
  expect(stdout).toContain('1 of 1 images');
  expect(stdout).toContain('  a grey square');
  const nothing = await dept(['data', 'show', 'grey', '--search', 'purple', '--split', 'train', '--json'], { home });
  expect(JSON.parse(nothing.stdout)).toMatchObject({ name: 'grey', found: 0, samples: [] });
});

test('list has a row for each split', async () => {
  const { stdout } = await dept(['data', 'list'], { home });
  expect(stdout).toMatch(/^grey +train +1 +1 +0$/m);
});

test('remove forgets it', async () => {
  expect((await dept(['data', 'remove', 'grey'], { home })).stdout).toBe('Removed grey\n');
  expect((await dept(['data', 'show', 'grey'], { home })).exitCode).toBe(2);
  expect((await dept(['data', 'list'], { home })).stdout).toMatch(/^No datasets yet/);
});
