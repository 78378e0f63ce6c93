/** The pictures of datasets as a page shows them; the copies lie in the dataset's folder under `thumbs`. */
import { join } from 'node:path';
import { datasetFolder } from '../data/dataset-info.ts';
import type { DatasetShelf } from './dataset-shelf.ts';
import { ensureCopy, type PictureFile, type PictureSize } from './pictures.ts';

/**
 * `imageId` is looked up in the dataset's index and never taken for a path. Throws `not-found` for a dataset, an image or its
 * file, `bad-file` for a damaged one, `cancelled` where the signal is aborted before its turn.
 */
export async function thumbnailFile(
  shelf: DatasetShelf,
  dataset: string,
  imageId: string,
  size: PictureSize,
  signal?: AbortSignal,
): Promise<PictureFile> {
  const { path } = await shelf.use(dataset, (browser) => browser.dataset.image(imageId));
  return ensureCopy(path, imageId, join(datasetFolder(shelf.home, dataset), 'thumbs'), size, signal);
}
