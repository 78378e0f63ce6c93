/** COCO's caption annotations (spec 5.1); a file with images only, as COCO's test sets are, gives images without captions. */
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import type { Source, SourceRecord } from '../source.ts';
import { idSchema, malformed, titleOf } from './record-schemas.ts';

const imageSchema = z.object({
  id: idSchema,
  file_name: z.string().min(1).optional(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
});
const captionSchema = z.object({ id: idSchema.optional(), image_id: idSchema, caption: z.string() });

/** Images first, then captions, whichever order the file has them in: it is read twice. */
export async function* importCocoCaptions(source: Source, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  let count = 0;
  for await (const { value, line } of readJsonArrays(file, ['images'], options)) {
    count += 1;
    const place = { file, line };
    const result = imageSchema.safeParse(value);
    if (!result.success) {
      yield malformed(titleOf('image', value, 'id', line), result.error, place);
      continue;
    }
    const { id: key, file_name: name, width, height } = result.data;
    yield { kind: 'image', image: { key, names: name === undefined ? [] : [name] }, width, height, place };
  }
  for await (const { value, line } of readJsonArrays(file, ['annotations'], options)) {
    count += 1;
    const place = { file, line };
    const result = captionSchema.safeParse(value);
    if (!result.success) {
      yield malformed(titleOf('caption', value, 'id', line), result.error, place);
      continue;
    }
    const { id, image_id: key, caption } = result.data;
    yield { kind: 'caption', id, image: { key, names: [] }, caption, place };
  }
  if (count === 0) {
    const expected = 'a list "images" or "annotations" with at least one record';
    throw new DeptError('bad-file', 'The captions file is empty', { path: file, expected });
  }
}
