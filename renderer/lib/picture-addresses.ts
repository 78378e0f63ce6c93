/** Where a page finds pictures: by what they belong to, never by path. Pure. */

export type PictureSize = 'thumb' | 'view';

/** `id` is that of the contract, `<split>/<key>`; a key may hold slashes itself. */
export function datasetPicture(dataset: string, id: string, size: PictureSize): string {
  const slash = id.indexOf('/');
  const parts = [dataset, id.slice(0, slash), id.slice(slash + 1)];
  return `/media/${parts.map(encodeURIComponent).join('/')}?size=${size}`;
}
