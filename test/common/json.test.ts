import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readJson } from '../../engine/common/json.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-json-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const schema = z.object({ width: z.int() });

test('a JSON file is read through its schema, and each way to fail has its own error', () => {
  const path = join(root, 'a.json');
  expect(() => readJson(path, schema)).toThrow(expect.objectContaining({ code: 'not-found' }));
  writeFileSync(path, '{"width":');
  expect(() => readJson(path, schema)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  writeFileSync(path, '{"width":"8"}');
  const details = expect.objectContaining({ path, got: expect.stringContaining('width') });
  expect(() => readJson(path, schema)).toThrow(expect.objectContaining({ code: 'bad-file', details }));
  writeFileSync(path, '{"width":8,"more":1}');
  expect(readJson(path, schema)).toEqual({ width: 8 });
  expect(() => readJson(root, schema)).toThrow(expect.objectContaining({ code: 'bad-file' }));
});
