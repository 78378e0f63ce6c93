/** Which picture of the grid is open beside it, as the address has it. Pure. */
import type { Query } from '../../lib/page-routes.ts';

export interface ItemPlace {
  /** `<split>/<key>`. */
  readonly id: string;
  /** Its place among the pictures that pass the filters; undefined where the address came without. */
  readonly index: number | undefined;
}

export function readItem({ item = '', at = '' }: Query): ItemPlace | undefined {
  if (item === '') return undefined;
  return { id: item, index: /^\d{1,9}$/.test(at) ? Number(at) : undefined };
}

/** Query values of the address; undefined closes it. */
export function itemAddress(place: ItemPlace | undefined): Record<string, string> {
  return { item: place?.id ?? '', at: place?.index === undefined ? '' : String(place.index) };
}
