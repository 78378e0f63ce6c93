/** Every dataset of tables.ts, through the preview and the import. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErrorRecord } from '../../engine/common/errors.ts';
import type { Refusal } from '../../engine/data/refusals.ts';
import { detectDataset } from '../../engine/service/detection.ts';
import { dept } from '../cli/fake-host.ts';
import { rejection } from '../common/refusal.ts';
import { pixel } from '../data/fixtures.ts';
import { compared, type ExpectedError, put, unusedPaths } from './expected.ts';
import { type BadTable, badTables } from './tables.ts';

const unused = unusedPaths();

/** The paths to import. */
function place({ files }: BadTable): string[] {
  const folder = unused();
  for (const id of [1, 2, 3]) put(join(folder, 'images', `${id}.png`), () => pixel);
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    if (typeof content === 'function') return put(path, content as never);
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    return put(path, () => (isRaw ? content : JSON.stringify(content)));
  });
}

function checkError(record: ErrorRecord, expected: ExpectedError, paths: readonly string[]): void {
  const { got, wanted } = compared(record, expected);
  expect(got).toEqual(wanted);
  expect(
    paths.some((path) => record.path?.includes(path)),
    record.path,
  ).toBe(true);
}

const short = ({ item, line, code, reason }: Refusal) => [item, line, code, reason] as const;

/** Each as the table has it where it fits, so that a difference shows. */
function checkRefused(got: readonly Refusal[], bad: Extract<BadTable, { taken: number }>): void {
  const rows = got.map(short);
  const wanted = bad.refused.map(([item, line, code, reason], i) => {
    const [gotItem, , , gotReason] = rows[i] ?? [];
    const fitting = (pattern: RegExp, text = '') => (pattern.test(text) ? text : pattern);
    return [fitting(item, gotItem), line, code, fitting(reason, gotReason)];
  });
  expect(rows).toEqual(wanted);
}

test.each(badTables)('$name', async (bad) => {
  const paths = place(bad);
  const home = unused();
  const format = bad.format ?? 'auto';
  const args = ['data', 'import', ...paths, '--name', 'set', '--format', format, '--json'];
  if ('error' in bad) {
    // what a look at the first records does not come to, the import does
    const failed = await rejection(detectDataset(home, { paths, format })).catch(() => undefined);
    if (failed !== undefined) checkError(failed.toRecord(), bad.error, paths);
    const { exitCode, stdout } = await dept(args, { home });
    expect(exitCode).toBe(2);
    checkError(JSON.parse(stdout).error, bad.error, paths);
    expect(existsSync(join(home, 'datasets', 'set'))).toBe(false);
    return;
  }
  const { preview } = await detectDataset(home, { paths, format });
  for (const { item, reason } of preview.problems) expect(`${item}${reason}`.length).toBeLessThan(2000);
  const { exitCode, stdout, stderr } = await dept(args, { home });
  expect(exitCode, stdout + stderr).toBe(0);
  const { parts, refused } = JSON.parse(stdout);
  expect(parts.reduce((sum: number, { items }: { items: number }) => sum + items, 0)).toBe(bad.taken);
  checkRefused(refused.examples, bad);
});
