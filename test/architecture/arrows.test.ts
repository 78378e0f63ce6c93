/** The arrow check itself: a house that keeps the rules passes, and each kind of wrong arrow is named. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const empty = 'export const value = 1;\n';

/** What the made-up house holds: file -> modules it imports. */
const rightArrows: Record<string, readonly string[]> = {
  'engine/common/errors.ts': [],
  'engine/onnx/bytes.ts': ['../common/errors.ts'],
  'engine/graph/tensor.ts': ['../onnx/bytes.ts'],
  'engine/runtime/session.ts': ['../graph/tensor.ts', 'onnxruntime-node'],
  'engine/contract/calls.ts': ['../common/errors.ts'],
  'engine/service/service.ts': ['../runtime/session.ts', '../contract/calls.ts'],
  'main/cli/dept.ts': ['../../engine/service/service.ts'],
  'renderer/bridge.ts': ['../engine/contract/calls.ts'],
  'assets/recipe.ts': ['../engine/onnx/bytes.ts'],
  'test/graph/tensor.test.ts': ['../../engine/graph/tensor.ts', '../../main/cli/dept.ts'],
};

const wrongArrows: Record<string, readonly string[]> = {
  'engine/onnx/upward.ts': ['../graph/tensor.ts'],
  'engine/contract/greedy.ts': ['../graph/tensor.ts'],
  'engine/graph/shortcut.ts': ['onnxruntime-node'],
  'engine/service/web.ts': ['node:http', '../../main/cli/dept.ts'],
  'engine/misc/stray.ts': ['../common/errors.ts'],
  'main/cli/peek.ts': ['../../renderer/bridge.ts', './nowhere.ts'],
  'renderer/reach.ts': ['../engine/service/service.ts'],
  'assets/call.ts': ['../main/cli/dept.ts'],
  'engine/common/one.ts': ['./two.ts'],
  'engine/common/two.ts': ['./one.ts'],
};

const violated = [
  'assets/call.ts: assets-to-engine',
  'engine/common/one.ts: no-circular',
  'engine/contract/greedy.ts: engine-contract',
  'engine/graph/shortcut.ts: one-importer-of-onnxruntime',
  'engine/misc/stray.ts: engine-listed-folders',
  'engine/onnx/upward.ts: engine-onnx',
  'engine/service/web.ts: engine-inward',
  'engine/service/web.ts: engine-no-faces',
  'main/cli/peek.ts: main-to-engine',
  'main/cli/peek.ts: no-unresolvable',
  'renderer/reach.ts: renderer-to-contract',
];

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'dept-arrows-'));
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

function build(files: Record<string, readonly string[]>): void {
  for (const [file, modules] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    const imports = modules.map((module) => `import type * as it from '${module}';\n`);
    writeFileSync(join(house, file), imports.join('') + empty);
  }
}

/** Violations as "file: rule", sorted. */
function check(): string[] {
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.js');
  const folders = ['engine', 'main', 'renderer', 'assets', 'test'];
  const output = execFileSync(
    process.execPath,
    [program, '--config', config, '--output-type', 'json', '--no-cache', ...folders],
    { cwd: house, encoding: 'utf8' },
  );
  const { summary } = JSON.parse(output) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).sort();
}

test('a house that keeps the rules passes, and each kind of wrong arrow is named', () => {
  mkdirSync(join(house, 'node_modules', 'onnxruntime-node'), { recursive: true });
  writeFileSync(join(house, 'package.json'), '{ "type": "module", "dependencies": { "onnxruntime-node": "1.0.0" } }');
  writeFileSync(join(house, 'node_modules/onnxruntime-node/package.json'), '{ "main": "index.js" }');
  writeFileSync(join(house, 'node_modules/onnxruntime-node/index.js'), '');

  build(rightArrows);
  expect(check()).toEqual([]);

  build(wrongArrows);
  expect(check()).toEqual(violated);
});
