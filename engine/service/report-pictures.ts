/** Pictures of a dataset, small and as data URLs, for a page that must stand alone. */
import sharp from 'sharp';
import { DeptError } from '../common/errors.ts';
import { type Dataset, openDataset } from '../data/dataset.ts';
import { decodeImage } from '../vision-language/image-decoding.ts';

/** A picture, or why there is none. */
export type ReportPicture =
  | { readonly url: string; readonly width: number; readonly height: number }
  | { readonly missing: string };

/** Twice what is shown, for screens with two dots to a pixel. */
const BOX = { width: 480, height: 360 } as const;
const QUALITY = 70;

async function thumbnail(path: string): Promise<ReportPicture> {
  const { data, width, height } = await decodeImage(path);
  const small = sharp(data, { raw: { width, height, channels: 3 } }).resize({
    ...BOX,
    fit: 'inside',
    withoutEnlargement: true,
  });
  const webp = await small.webp({ quality: QUALITY }).toBuffer({ resolveWithObject: true });
  const url = `data:image/webp;base64,${webp.data.toString('base64')}`;
  return { url, width: webp.info.width, height: webp.info.height };
}

/** What is told of it has no path in it: reports are passed on. */
function missing(error: unknown): ReportPicture {
  if (error instanceof DeptError) return { missing: error.message };
  throw error;
}

async function picture(dataset: Dataset, imageId: string): Promise<ReportPicture> {
  try {
    return await thumbnail(dataset.image(imageId).path);
  } catch (error) {
    return missing(error);
  }
}

/** By image id. A picture, or a whole dataset, that is gone is said to be; nothing else depends on it. */
export async function reportPictures(
  home: string,
  name: string,
  imageIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReportPicture>> {
  const pictures = new Map<string, ReportPicture>();
  try {
    using dataset = openDataset(home, name);
    for (const imageId of imageIds) pictures.set(imageId, await picture(dataset, imageId));
  } catch (error) {
    for (const imageId of imageIds) pictures.set(imageId, missing(error));
  }
  return pictures;
}
