/** A model of the library in lines. */
import type { ModelSource } from '../../../engine/weights/hub/model-source.ts';
import type { LibraryModel } from '../../../engine/weights/library.ts';
import { bytes } from '../numbers.ts';
import { facts } from '../table.ts';

type ShownModel = Omit<LibraryModel, 'dtype'> & { readonly dtype: string; readonly source?: ModelSource | undefined };

export function modelText(model: ShownModel): string {
  const { source } = model;
  return facts([
    ['name', model.name],
    ['kind', model.kind],
    ['parameters', model.parameters],
    ['precision', model.dtype],
    ['size', bytes(model.size)],
    ['bundled', model.bundled ? 'yes' : 'no'],
    ...(source === undefined
      ? []
      : [['from', `${source.endpoint}/${source.repo} at ${source.commit}`] as [string, string]]),
    ['folder', model.folder],
    ...model.files.map(({ name, size }): [string, string] => ['file', `${name} (${bytes(size)})`]),
  ]);
}
