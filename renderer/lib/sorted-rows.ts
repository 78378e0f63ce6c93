/** Rows of a table in the order of one column. Pure. */

export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** What is not there comes last, whichever way; equal rows keep their order. */
export function sortedRows<Row>(
  rows: readonly Row[],
  value: (row: Row) => string | number | undefined,
  descending: boolean,
): Row[] {
  const collator = new Intl.Collator('en-GB', { numeric: true, sensitivity: 'base' });
  return rows
    .map((row) => ({ row, at: value(row) }))
    .sort((a, b) => {
      if (isMissing(a.at) || isMissing(b.at)) return Number(isMissing(a.at)) - Number(isMissing(b.at));
      const difference =
        typeof a.at === 'number' && typeof b.at === 'number'
          ? a.at - b.at
          : collator.compare(String(a.at), String(b.at));
      return descending ? -difference : difference;
    })
    .map(({ row }) => row);
}

function isMissing(value: string | number | undefined): value is undefined {
  return value === undefined || Number.isNaN(value);
}
