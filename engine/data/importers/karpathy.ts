/** Karpathy's split of COCO (`dataset_coco.json`, spec 5.2): images with their captions, each naming its split. */
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import type { ImageReference, Source, SourceRecord } from '../source.ts';
import { idSchema, malformed, titleOf } from './record-schemas.ts';

const imageSchema = z.object({
  filename: z.string().min(1),
  filepath: z.string().optional(),
  split: z.string().min(1),
  cocoid: idSchema.optional(),
  imgid: idSchema.optional(),
  sentences: z.array(z.object({ raw: z.string(), sentid: idSchema.optional() })),
});

/** `restval` joins `train`, as everyone trains on both. */
export async function* importKarpathy(source: Source, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  let count = 0;
  for await (const { value, line } of readJsonArrays(file, ['images'], options)) {
    count += 1;
    const place = { file, line };
    const result = imageSchema.safeParse(value);
    if (!result.success) {
      yield malformed(titleOf('image', value, 'filename', line), result.error, place);
      continue;
    }
    const { filename, filepath, cocoid, imgid, sentences } = result.data;
    const split = result.data.split === 'restval' ? 'train' : result.data.split;
    const names = filepath === undefined ? [filename] : [`${filepath}/${filename}`, filename];
    const image: ImageReference = { key: cocoid ?? imgid ?? filename, names };
    for (const { raw, sentid } of sentences) yield { kind: 'caption', id: sentid, image, caption: raw, split, place };
  }
  if (count === 0) {
    throw new DeptError('bad-file', 'The file holds no images', { path: file, expected: 'a list "images"' });
  }
}
