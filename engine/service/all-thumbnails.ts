/** The thumbnails of a whole dataset, made before anybody looks: the work of a process that leaves the others their time. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeError, writing } from '../common/disk.ts';
import { DeptError } from '../common/errors.ts';
import type { ThumbnailsResult } from '../contract/job-calls.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import { datasetFolder } from '../data/dataset-info.ts';
import type { ImageItem } from '../data/items.ts';
import { PictureLooks } from '../data/picture-looks.ts';
import { ensureCopy, lookOf } from './pictures.ts';

/** Pictures that are decoded at a time: one core is left to whoever sits at the machine. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);

/** In the order of a page that shows all splits: what is seen first is made first. */
function* allRows(dataset: Dataset): Generator<readonly [row: number, image: ImageItem]> {
  const splits = dataset.splits().sort((a, b) => dataset.splitId(a) - dataset.splitId(b));
  for (const split of splits) yield* dataset.imageRows(split);
}

/** Goes on where it was stopped before. Throws as `openDataset`, and `cancelled`. */
export async function makeAllThumbnails(
  home: string,
  name: string,
  { signal, progress }: JobHooks,
  atOnce = AT_ONCE,
): Promise<ThumbnailsResult> {
  const folder = datasetFolder(home, name);
  using dataset = openDataset(home, name);
  using looks = writing(folder, () => PictureLooks.writing(folder, dataset.info.index));
  const total = dataset.splits().reduce((sum, split) => sum + dataset.imageCount(split), 0);
  let [done, failed] = [0, 0];

  const make = async (row: number, { id, path }: ImageItem): Promise<void> => {
    try {
      const copy = await ensureCopy(path, id, join(folder, 'thumbs'), 'thumb');
      if (looks.read(row) === undefined) looks.write(row, await lookOf(copy.path));
    } catch (error) {
      const isPicture = error instanceof DeptError && (error.code === 'not-found' || error.code === 'bad-file');
      if (!isPicture) throw writeError(error, folder);
      failed += 1; // the page says so in the picture's place
    }
  };
  const rows = allRows(dataset);
  const work = async (): Promise<void> => {
    for (const [row, image] of rows) {
      if (signal?.aborted) throw new DeptError('cancelled', 'Stopped: the thumbnails that are made stay');
      await make(row, image);
      done += 1;
      progress?.({ task: 'Making thumbnails', done, total, unit: 'pictures' });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  looks.complete();
  return { dataset: name, pictures: total, failed };
}
