/** JSONL: one JSON object per line; a file that is one JSON list of such objects is read too. */
import { DeptError } from '../../common/errors.ts';
import { parseJsonText } from '../../common/json-text.ts';
import { ROOT_ARRAY, readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import { readLines } from '../read-lines.ts';
import type { Place, Source, SourceRecord } from '../source.ts';
import { recordsOfRow } from './table-row.ts';

function recordsOfValue(value: unknown, place: Place): SourceRecord[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return recordsOfRow(Object.entries(value), place);
  }
  return [refused('expected a JSON object', place)];
}

function refused(reason: string, place: Place): SourceRecord {
  return { kind: 'refused', item: `row on line ${place.line}`, code: 'malformed', reason, place };
}

function recordsOfLine(text: string | undefined, place: Place): SourceRecord[] {
  if (text === undefined) return [refused('not UTF-8 text but of another encoding, such as Latin-1', place)];
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (cause) {
    return [refused(`not valid JSON: ${(cause as Error).message}`, place)];
  }
  return recordsOfValue(value, place);
}

/** A broken line costs that line only; in a JSON list it costs the file, since nothing behind it can be trusted. */
export async function* importJsonl(source: Source, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  if (file.toLowerCase().endsWith('.json')) {
    for await (const { value, line } of readJsonArrays(file, [ROOT_ARRAY], options)) {
      yield* recordsOfValue(value, { file, line });
    }
    return;
  }
  let isEmpty = true;
  for await (const { number: line, text } of readLines(file, options)) {
    if (text?.trim() === '') continue;
    isEmpty = false;
    yield* recordsOfLine(text, { file, line });
  }
  if (isEmpty)
    throw new DeptError('bad-file', 'The file is empty', { path: file, expected: 'a JSON object in each line' });
}
