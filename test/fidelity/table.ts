/**
 * The README's fidelity table, from what the last whole test run compared. `node test/fidelity/table.ts write` writes it;
 * `check` fails where it does not have the rows, versions and numbers of cases of that run. Differences are bounded by the
 * tests and not checked here: their last digits depend on the processor.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../../engine/common/files.ts';
import { type RunRecord, recordPath } from './reporter.ts';
import { type FidelityRow, rowName } from './row.ts';

const readmePath = join(import.meta.dirname, '..', '..', 'README.md');
const [BEGIN, END] = ['<!-- fidelity: `npm run docs` writes this -->\n', '<!-- /fidelity -->'];

const grouped = (count: number) => count.toLocaleString('en-US');

/** One digit, rounded up: 1.2e-7 becomes 2e-7, and 8.3 becomes 9. */
function roundedUp(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(value));
  const digit = Math.ceil(Number((value / 10 ** exponent).toPrecision(6)));
  const rounded = Number(`${digit}e${exponent}`);
  return rounded < 0.01 ? rounded.toExponential(0) : String(rounded);
}

/** "2e-6", "2e-6 absolute", "identical", "0.1 % differ". */
function difference(value: number, measure: FidelityRow['measure']): string {
  if (measure === 'identical') return value === 0 ? 'identical' : `${Number((100 * value).toPrecision(2))} % differ`;
  return measure === 'absolute' ? `${roundedUp(value)} absolute` : roundedUp(value);
}

const line = (...cells: string[]) => `| ${cells.join(' | ')} |\n`;

/** The part of a row's line that must not be stale. */
const settled = ({ area, what, against, cases }: FidelityRow) => line(area, what, against, grouped(cases)).trimEnd();

const fullLine = (row: FidelityRow) =>
  `${settled(row)} ${difference(row.largest, row.measure)} | ${difference(row.allowed, row.measure)} |\n`;

function section(rows: readonly FidelityRow[]): string {
  const sorted = rows.toSorted(
    (a, b) => a.area.localeCompare(b.area, 'en') || rowName(a).localeCompare(rowName(b), 'en'),
  );
  const cases = rows.reduce((sum, row) => sum + row.cases, 0);
  const head =
    line('Part', 'Compared', 'With', 'Cases', 'Largest difference', 'Allowed') + line(...Array(6).fill('---'));
  const summary = `<summary>${grouped(rows.length)} comparisons of ${grouped(cases)} tensors, numbers and texts</summary>`;
  return `<details>\n${summary}\n\n${head}${sorted.map(fullLine).join('')}\n</details>\n`;
}

/** The README around its table. */
function readReadme(): { before: string; table: string; after: string } {
  const readme = readFileSync(readmePath, 'utf8').replaceAll('\r\n', '\n');
  const [begin, end] = [readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)];
  if (begin < BEGIN.length || end < begin) throw new Error(`README.md has no place for the table: ${BEGIN}${END}`);
  return { before: readme.slice(0, begin), table: readme.slice(begin, end), after: readme.slice(end) };
}

/** The rows that the README has. */
const knownLines = (): string[] =>
  readReadme()
    .table.split('\n')
    .filter((text) => text.startsWith('| '))
    .slice(2);

function nameOf(text: string): string {
  const [area, what, against] = text.slice(2).split(' | ');
  return rowName({ area: area!, what: what!, against: against! });
}

function write({ rows, skipped }: RunRecord): void {
  const lost = knownLines()
    .map(nameOf)
    .filter((name) => skipped.includes(name));
  if (lost.length > 0) throw new Error(`A run that skips comparisons does not make the table:\n${lost.join('\n')}`);
  const { before, after } = readReadme();
  writeAtomic(readmePath, before + section(rows) + after);
}

/** A row of the table that was not in the run must be that of a test it skipped. */
function check({ rows, skipped }: RunRecord): void {
  const lines = knownLines();
  const stale = rows.filter((row) => !lines.some((text) => text.startsWith(settled(row)))).map(rowName);
  const known = new Set([...rows.map(rowName), ...skipped]);
  const gone = lines.map(nameOf).filter((name) => !known.has(name));
  const problems = [...new Set([...stale, ...gone])];
  if (problems.length === 0) return;
  console.error(`The README's fidelity table is stale (npm run docs writes it):\n${problems.join('\n')}`);
  process.exitCode = 1;
}

const record = JSON.parse(readFileSync(recordPath, 'utf8')) as RunRecord;
const commands = { write, check };
const command = commands[process.argv[2] as keyof typeof commands];
if (command === undefined) throw new Error('write or check?');
command(record);
