/**
 * docs/fidelity.md with every row of the fidelity table, and the README's table with a line for each area, from what the last
 * whole test run compared. `node test/fidelity/table.ts write` writes both; `check` fails where they do not have the rows,
 * versions and numbers of cases of that run. Differences are bounded by the tests, not checked here: their last digits depend
 * on the processor.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../../engine/common/files.ts';
import { type RunRecord, recordPath } from './reporter.ts';
import { type FidelityRow, rowName } from './row.ts';

const root = join(import.meta.dirname, '..', '..');
const [readmePath, pagePath] = [join(root, 'README.md'), join(root, 'docs', 'fidelity.md')];
const [BEGIN, END] = ['<!-- fidelity: `npm run docs` -->\n', '<!-- /fidelity -->'];

const INTRODUCTION = `# Fidelity

How far the engine's numbers are from those of the reference implementations. This page is generated: \`npm run docs\` runs all
tests and writes it, and \`npm test\` fails when it is stale. The makers of the reference numbers are in \`test/golden/\`.

Differences are relative to a tensor's largest value, except where it says that they are absolute. A share is that of the cases
that are not identical.
`;

const grouped = (count: number) => count.toLocaleString('en-US');

/** One digit, rounded up: 1.2e-7 becomes 2e-7, and no difference at all 0. */
function roundedUp(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(value));
  const digit = Math.ceil(Number((value / 10 ** exponent).toPrecision(6)));
  return Number(`${digit}e${exponent}`).toExponential(0);
}

/** "2e-6", "2e-6 absolute", "none of them", "0.1 %". */
function difference(value: number, measure: FidelityRow['measure']): string {
  if (measure === 'identical') return value === 0 ? 'identical' : `${Number((100 * value).toPrecision(2))} %`;
  return measure === 'absolute' ? `${roundedUp(value)} absolute` : roundedUp(value);
}

const line = (...cells: string[]) => `| ${cells.join(' | ')} |\n`;

/** What of a row's line must not be stale. */
const settled = ({ area, what, against, cases }: FidelityRow) => line(area, what, against, grouped(cases)).trimEnd();

const fullLine = (row: FidelityRow) =>
  `${settled(row)} ${difference(row.largest, row.measure)} | ${difference(row.allowed, row.measure)} |\n`;

function page(rows: readonly FidelityRow[]): string {
  const head =
    line('Part', 'Compared', 'With', 'Cases', 'Largest difference', 'Allowed') + line(...Array(6).fill('---'));
  return `${INTRODUCTION}\n${head}${rows.map(fullLine).join('')}`;
}

/** A line for each area and reference: its cases, and the largest difference of each measure. */
function summary(rows: readonly FidelityRow[]): string {
  const groups = Map.groupBy(rows, ({ area, against }) => `${area}\n${against}`);
  const lines = [...groups.values()].map((group) => {
    const largest = Map.groupBy(group, ({ measure }) => measure)
      .entries()
      .map(([measure, same]) => difference(Math.max(...same.map((row) => row.largest)), measure));
    const cases = group.reduce((sum, row) => sum + row.cases, 0);
    return line(
      group[0]!.area,
      group.map(({ what }) => what).join('; '),
      group[0]!.against,
      grouped(cases),
      [...largest].join(', '),
    );
  });
  return (
    line('Part', 'Compared', 'With', 'Cases', 'Largest difference') + line(...Array(5).fill('---')) + lines.join('')
  );
}

const byArea = (rows: readonly FidelityRow[]) =>
  rows.toSorted((a, b) => a.area.localeCompare(b.area, 'en') || rowName(a).localeCompare(rowName(b), 'en'));

function write({ rows, skipped }: RunRecord): void {
  if (skipped.length > 0) throw new Error(`Written after a run that skips nothing; it skipped:\n${skipped.join('\n')}`);
  const readme = readFileSync(readmePath, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the table: ${BEGIN}...${END}`);
  writeAtomic(readmePath, readme.slice(0, begin + BEGIN.length) + summary(byArea(rows)) + readme.slice(end));
  writeAtomic(pagePath, page(byArea(rows)));
}

/** Rows that stand in the page but were not in the run must be those of tests it skipped. */
function check({ rows, skipped }: RunRecord): void {
  const lines = readFileSync(pagePath, 'utf8').replaceAll('\r\n', '\n').split('\n');
  const readme = readFileSync(readmePath, 'utf8');
  const stale = rows.filter((row) => !lines.some((text) => text.startsWith(settled(row)))).map(rowName);
  const known = new Set([...rows.map(rowName), ...skipped]);
  const gone = lines
    .slice(lines.findIndex((text) => text.startsWith('| ---')) + 1)
    .filter((text) => text !== '')
    .map((text) => text.split(' | ').map((cell) => cell.replace(/^\| /, '')))
    .map(([area, what, against]) => rowName({ area: area!, what: what!, against: against! }))
    .filter((name) => !known.has(name));
  const unread = rows.filter(({ what, against }) => !readme.includes(what) || !readme.includes(against)).map(rowName);
  const problems = [...stale, ...gone, ...unread];
  if (problems.length === 0) return;
  console.error(`The fidelity table is stale (npm run docs writes it):\n${[...new Set(problems)].join('\n')}`);
  process.exitCode = 1;
}

const record = JSON.parse(readFileSync(recordPath, 'utf8')) as RunRecord;
const commands = { write, check };
const command = commands[process.argv[2] as keyof typeof commands];
if (command === undefined) throw new Error('write or check?');
command(record);
