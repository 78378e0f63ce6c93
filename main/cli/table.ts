/** Plain aligned columns. */
import { count, decimal } from './numbers.ts';

export type Cell = string | number | boolean | null | undefined;

/** Any JSON value as a cell. */
export function cell(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

function textOf(cell: Cell): string {
  if (cell === undefined || cell === null) return '-';
  if (typeof cell === 'number') return Number.isInteger(cell) ? count(cell) : decimal(cell);
  return String(cell);
}

/** Rows under headings, two blanks between columns; a column that holds numbers only stands to the right. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const columns = headings.map((heading, index) => {
    const cells = rows.map((row) => row[index]);
    const texts = [heading, ...cells.map(textOf)];
    const width = Math.max(...texts.map((text) => text.length));
    const filled = cells.filter((cell) => cell !== undefined && cell !== null);
    const right = filled.length > 0 && filled.every((cell) => typeof cell === 'number');
    return texts.map((text) => (right ? text.padStart(width) : text.padEnd(width)));
  });
  const lines = [0, ...rows.map((_, index) => index + 1)];
  return lines
    .map((line) =>
      columns
        .map((column) => column[line]!)
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name  value` lines, the values aligned. */
export function facts(entries: readonly (readonly [name: string, value: Cell])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${textOf(value)}`).join('\n');
}
