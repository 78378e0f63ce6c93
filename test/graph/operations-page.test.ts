import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allOperations } from '../../engine/graph/ops/index.ts';
import { operationsPage, pagePath } from './operations-page.ts';

const page = operationsPage();

test('docs/operations.md is up to date (`npm run docs` writes it)', () => {
  expect(readFileSync(pagePath, 'utf8').replaceAll('\r\n', '\n')).toBe(page);
});

test('every operation has a full row', () => {
  for (const { name } of allOperations) expect(page).toContain(`| ${name} |`);
  expect(page).not.toMatch(/\| +\|/);
});

test('operation names are unique', () => {
  expect(new Set(allOperations.map(({ name }) => name)).size).toBe(allOperations.length);
});
