/** CSV and its cousins: a header row, then captions or questions; comma, semicolon or tab. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import { DeptError } from '../../common/errors.ts';
import { parseJsonText } from '../../common/json-text.ts';
import { type ReadOptions, readBlocks } from '../read-file.ts';
import { type Line, readLines } from '../read-lines.ts';
import type { Source, SourceRecord } from '../source.ts';
import { EXPECTED_FIELDS, fieldOf, isUsableTable, recordsOfRow } from './table-row.ts';

const DELIMITERS = [',', ';', '\t'];
/** A longer row means that a quote was never closed. */
const MAX_ROW_CHARACTERS = 1 << 20;

async function* decode(path: string, options: ReadOptions): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const block of readBlocks(path, options)) yield decoder.decode(block, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const line = await firstLine(path, ({ text }) => text === undefined);
    throw new DeptError('bad-file', 'The table is not UTF-8 text', {
      path,
      got: `another encoding, such as Latin-1, on line ${line?.number}`,
      remedy: 'Save the table again as "CSV UTF-8".',
      cause,
    });
  }
}

async function firstLine(path: string, isIt: (line: Line) => boolean): Promise<Line | undefined> {
  for await (const line of readLines(path)) if (isIt(line)) return line;
  return undefined;
}

async function readHeaderLine(path: string): Promise<string> {
  const header = await firstLine(path, ({ text }) => text?.trim() !== '');
  if (header !== undefined) return header.text ?? '';
  throw new DeptError('bad-file', 'The table is empty', { path, expected: 'a header row' });
}

/** The delimiter that the header row uses most. */
export async function delimiterOf(path: string): Promise<string> {
  const header = await readHeaderLine(path);
  const uses = (delimiter: string): number => header.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (uses(next) > uses(best) ? next : best));
}

function checkHeader(header: readonly string[], path: string): void {
  if (isUsableTable(header)) return;
  throw new DeptError('bad-file', 'The columns of the table are not those of a dataset', {
    path,
    expected: EXPECTED_FIELDS,
    got: header.join(', '),
    remedy: 'Give the table a header row with these names.',
  });
}

/** A cell of a plural or answer column may hold a JSON list: ["red", "dark red"]. */
function cellValue(name: string, cell: string): unknown {
  const field = fieldOf(name);
  if ((field !== 'answer' && field !== 'caption') || !cell.startsWith('[')) return cell;
  try {
    return parseJsonText(cell);
  } catch {
    return cell; // a text that happens to begin with a bracket
  }
}

/** Rows with more or fewer cells than the header are refused: mostly a caption with a comma and no quotes. */
export async function* importCsv(source: Source, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  const delimiter = await delimiterOf(file);
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true, // She said "hi": in the middle of a cell a quote is one
    skip_empty_lines: true,
    max_record_size: MAX_ROW_CHARACTERS,
  });
  const feeding = pipeline(Readable.from(decode(file, options)), parser);
  feeding.catch(() => {}); // the same error comes out of the parser below
  let header: string[] | undefined;
  let end = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const line = end + 1; // where the row begins; info.lines is where it ends
      end = info.lines;
      if (header === undefined) {
        header = record.map((name) => name.trim());
        checkHeader(header, file);
        continue;
      }
      const place = { file, line };
      if (record.length !== header.length) {
        const reason = `expected ${header.length} cells, got ${record.length}; a cell that contains "${delimiter}" needs quotes`;
        yield { kind: 'refused', item: `row on line ${line}`, code: 'malformed', reason, place };
        continue;
      }
      const names = header;
      yield* recordsOfRow(
        record.map((cell, i) => [names[i]!, cellValue(names[i]!, cell)] as const),
        place,
      );
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DeptError('bad-file', `Not a valid table: ${cause.message}`, { path: file, cause });
  }
}
