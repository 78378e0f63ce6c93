/** Every file of pictures.ts in a folder beside a good one: imported, decoded for a model and for a page, and uploaded. */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset } from '../../engine/data/dataset.ts';
import { importDataset } from '../../engine/data/import.ts';
import { shrinkPicture } from '../../engine/service/pictures.ts';
import { storeUpload } from '../../engine/service/uploads.ts';
import { decodeImage } from '../../engine/vision-language/image-decoding.ts';
import { rejection } from '../common/refusal.ts';
import { pixel } from '../data/fixtures.ts';
import { put, unusedPaths } from './expected.ts';
import { oddPictures } from './pictures.ts';

const unused = unusedPaths();

test.each(oddPictures)('$name', async ({ file, make, size, refused, undecodable }) => {
  const [home, folder] = [unused(), unused()];
  const path = put(join(folder, file), make);
  put(join(folder, 'good.png'), () => pixel);

  const report = await importDataset({ home, name: 'set', paths: [folder] });
  expect(report.dataset.splits.train!.images).toBe(refused === undefined ? 2 : 1);
  expect(report.refused.examples.map(({ item, code }) => `${item}: ${code}`)).toEqual(
    refused === undefined ? [] : [`image ${file}: unreadable-image`],
  );
  if (refused !== undefined) expect(report.refused.examples[0]!.reason).toMatch(refused);
  else {
    using dataset = openDataset(home, 'set');
    expect(dataset.image(`train/${file}`)).toMatchObject({ width: size![0], height: size![1] });
  }

  for (const decode of [() => decodeImage(path), () => shrinkPicture(path, 20)]) {
    if (undecodable === undefined) await decode();
    else
      expect(await rejection(decode())).toMatchObject({
        message: expect.stringMatching(undecodable),
        details: { path },
      });
  }
  if (undecodable === undefined) expect(await decodeImage(path)).toMatchObject({ width: size![0], height: size![1] });

  if (!lstatSync(path).isFile()) return;
  const upload = storeUpload(home, readFileSync(path));
  if (refused !== undefined) expect(await rejection(upload)).toMatchObject({ code: 'bad-file' });
  else expect(await upload).toMatchObject({ width: size![0], height: size![1] });
});
