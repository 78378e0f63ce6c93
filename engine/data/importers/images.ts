/** A folder of pictures without annotations: every picture file below it is an image, by its path as its id. */

import { picturesBelow } from '../picture-files.ts';
import type { ReadOptions } from '../read-file.ts';
import type { Source, SourceRecord } from '../source.ts';

export async function* importImages(source: Source, { signal, onRead }: ReadOptions): AsyncGenerator<SourceRecord> {
  const folder = source.files[0]!;
  for await (const path of picturesBelow(folder, signal)) {
    onRead?.(1);
    yield { kind: 'image', image: { key: path, names: [path] }, place: { file: folder } };
  }
}
