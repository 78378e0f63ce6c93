/** Which rows of a long list stand in view, and how cells make rows: the arithmetic of virtual lists and grids. Pure; in pixels. */

export interface RowWindow {
  /** First and last row to draw; `last` is -1 where there are none. */
  readonly first: number;
  readonly last: number;
}

/** The rows that touch the view, and `overscan` more on either side, so that a slow frame finds them drawn. */
export function rowsInView(
  { top, height, rowHeight, rows }: { top: number; height: number; rowHeight: number; rows: number },
  overscan: number,
): RowWindow {
  const first = Math.min(Math.max(0, rows - 1), Math.max(0, Math.floor(top / rowHeight) - overscan));
  const last = Math.min(rows - 1, Math.ceil((top + height) / rowHeight) - 1 + overscan);
  return { first, last };
}

export interface GridShape {
  readonly columns: number;
  /** Width of a cell: at least the smallest allowed, and all of the width is used. */
  readonly cellWidth: number;
  readonly rows: number;
}

export function gridShape(width: number, count: number, minCell: number, gap: number): GridShape {
  const columns = Math.max(1, Math.floor((width + gap) / (minCell + gap)));
  return { columns, cellWidth: (width - gap * (columns - 1)) / columns, rows: Math.ceil(count / columns) };
}

/** Where a key leads from a cell; undefined for keys that do not move. `pageRows` is how many rows a page is. */
export function nextCell(
  key: string,
  from: number,
  { columns, count, pageRows }: { columns: number; count: number; pageRows: number },
  ctrl = false,
): number | undefined {
  const row = Math.floor(from / columns);
  const steps: Record<string, number> = {
    ArrowRight: from + 1,
    ArrowLeft: from - 1,
    ArrowDown: from + columns < count || row < Math.floor((count - 1) / columns) ? from + columns : from,
    ArrowUp: from >= columns ? from - columns : from,
    PageDown: from + columns * pageRows,
    PageUp: Math.max(from % columns, from - columns * pageRows),
    Home: ctrl ? 0 : row * columns,
    End: ctrl ? count - 1 : row * columns + columns - 1,
  };
  const to = steps[key];
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

/** The scroll position that brings a row into view with the least movement. */
export function scrollTo(row: number, rowHeight: number, top: number, height: number, above = 0): number {
  const start = row * rowHeight;
  if (start < top + above) return Math.max(0, start - above);
  if (start + rowHeight > top + height) return start + rowHeight - height;
  return top;
}
