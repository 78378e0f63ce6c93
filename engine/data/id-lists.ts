/** Sets of row ids as ascending lists without repeats. */

export type IdList = Float64Array;

/** `ids` in any order, repeats allowed. */
export function idListOf(ids: ArrayLike<number>): IdList {
  const sorted = Float64Array.from(ids).sort();
  let length = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[length++] = sorted[i]!;
  }
  return sorted.subarray(0, length);
}

/** The ids of `a` that are in `b`, or, `inside` false, those that are not. */
export function keep(a: IdList, b: IdList, inside: boolean): IdList {
  const kept = new Float64Array(a.length);
  let length = 0;
  let at = 0;
  for (const id of a) {
    while (at < b.length && b[at]! < id) at += 1;
    if ((at < b.length && b[at] === id) === inside) kept[length++] = id;
  }
  return kept.subarray(0, length);
}

/** The ids of either list. */
export function unite(a: IdList, b: IdList): IdList {
  const all = new Float64Array(a.length + b.length);
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (a[i] === next) i += 1;
    if (b[j] === next) j += 1;
    all[length++] = next;
  }
  return all.subarray(0, length);
}

/** Where `id` stands in the list, or would stand. */
function positionOf(ids: IdList, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ids with `from <= id < to`. */
export function within(ids: IdList, from: number, to: number): IdList {
  return ids.subarray(positionOf(ids, from), positionOf(ids, to));
}
