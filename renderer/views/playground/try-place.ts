/** What is tried, as it stands in the address: picture, question, one or two runs with their checkpoints. Pure. */
import type { RunSummary } from '../../../engine/contract/runs.ts';
import type { Picture, TryRequest } from '../../../engine/contract/try-out.ts';
import type { Query } from '../../lib/page-routes.ts';
import { datasetPicture, type PictureSize } from '../../lib/picture-addresses.ts';

export interface Side {
  readonly run: string;
  readonly checkpoint: TryRequest['checkpoint'];
}

/** `best`, `last`, or a step; anything else is the best, or the last of a run that was stopped before it was ever evaluated. */
export function readCheckpoint(
  written: string | undefined,
  run: Pick<RunSummary, 'best'> | undefined,
): TryRequest['checkpoint'] {
  if (written === 'best' || written === 'last') return written;
  if (written !== undefined && /^\d{1,9}$/.test(written)) return Number(written);
  return run !== undefined && run.best === undefined ? 'last' : 'best';
}

export function readPicture({ dataset, image, upload }: Query): Picture | undefined {
  if (upload) return { upload };
  return dataset && image ? { dataset, image } : undefined;
}

/** The query values that name the picture, those of another kind emptied. */
export function pictureQuery(picture: Picture): Record<'dataset' | 'image' | 'upload', string> {
  return { dataset: '', image: '', upload: '', ...picture };
}

export function pictureAddress(picture: Picture, size: PictureSize): string {
  if ('upload' in picture) return `/uploads/${encodeURIComponent(picture.upload)}?size=${size}`;
  return datasetPicture(picture.dataset, picture.image, size);
}

/** What a picture is called, for those who do not see it. */
export function pictureName(picture: Picture): string {
  return 'upload' in picture ? 'Picture of your own' : `${picture.image} of ${picture.dataset}`;
}
