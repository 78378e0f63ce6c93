/** COCO's caption annotations (spec 5.1); a file with images only, as COCO's test sets are, gives images without captions. */
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import type { ImporterOptions, Source, SourceRecord } from '../source.ts';
import { idSchema, malformed, titleOf } from './record-schemas.ts';

const imageSchema = z.object({
  id: idSchema,
  file_name: z.string().min(1).optional(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
});
const captionSchema = z.object({ id: idSchema.optional(), image_id: idSchema, caption: z.string() });

/** The images that the first captions are of: a sample needs these. */
async function imagesOfFirstCaptions(file: string, sample: number, options: ReadOptions): Promise<Set<string>> {
  const images = new Set<string>();
  let count = 0;
  for await (const { value } of readJsonArrays(file, ['annotations'], options)) {
    const { data } = captionSchema.safeParse(value);
    if (data !== undefined) images.add(data.image_id);
    count += 1;
    if (count === sample) break;
  }
  return images;
}

/** Images first, then captions, whichever order the file has them in: it is read twice. */
export async function* importCocoCaptions(source: Source, options: ImporterOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  const { sample = Number.POSITIVE_INFINITY } = options;
  const wanted = options.sample === undefined ? undefined : await imagesOfFirstCaptions(file, sample, options);
  const captioned = wanted?.size ?? 0;
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
    if (captioned > 0 && !wanted!.delete(key)) continue;
    yield { kind: 'image', image: { key, names: name === undefined ? [] : [name] }, width, height, place };
    if (captioned > 0 ? wanted!.size === 0 : count >= sample) break;
  }
  let captions = 0;
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
    captions += 1;
    if (captions === sample) break;
  }
  if (count === 0) {
    const expected = 'a list "images" or "annotations" with at least one record';
    throw new DeptError('bad-file', 'The captions file is empty', { path: file, expected });
  }
}
