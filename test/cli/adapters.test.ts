/** `dept import-adapter`, `dept adapters` and `dept export`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { published } from '../adapters/published.ts';
import { deptConfig, deptTensors, promptConfig, promptTensors, writeAdapter } from '../adapters/small-adapters.ts';
import { dept } from './fake-host.ts';

let [folder, home] = ['', ''];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dept-cli-adapters-'));
  home = join(folder, 'home');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an adapter is described, kept, listed, exported and removed', async () => {
  const source = writeAdapter(join(folder, 'source'), deptConfig, deptTensors, 'adapter_model.bin');
  const imported = await dept(['import-adapter', source, '--name', 'mine', '--json'], { home });
  expect(imported.exitCode).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({
    name: 'mine',
    method: 'dept',
    kind: 'PROMPT_TUNING_LORA',
    promptLength: 4,
    rank: 3,
    maxTextLength: 8,
    scale: 8 / Math.sqrt(3),
    width: 16,
    base: 'tiny-t5',
    parameters: 4 * 16 + 8 * 3 + 3 * 16,
    file: 'adapter_model.bin',
    remarks: [],
    hasProjection: false,
  });
  const list = await dept(['adapters', 'list'], { home });
  expect(list.stdout).toMatch(/^mine +dept +4 +3 +8 +16 +tiny-t5 +136$/m);
  const show = await dept(['adapters', 'show', 'mine'], { home });
  expect(show.stdout).toMatch(/^scale +4\.619 on A B$/m);

  const output = join(folder, 'out');
  const exported = await dept(['export', 'mine', '--to', 'dept', '--output', output], { home });
  expect(exported.stdout).toMatch(/^Wrote mine to .*\n {2}adapter_config\.json/);
  expect(readFileSync(join(output, 'adapter_model.bin')).equals(readFileSync(join(source, 'adapter_model.bin')))).toBe(
    true,
  );
  expect((await dept(['export', 'mine', '--to', 'dept', '--output', output], { home })).stderr).toContain(
    'such a folder already',
  );

  expect((await dept(['adapters', 'remove', 'mine'], { home })).exitCode).toBe(0);
  expect((await dept(['adapters', 'list'], { home })).stdout).toMatch(/^No adapters yet/);
});

test('DePT to PEFT is refused in words', async () => {
  await dept(['import-adapter', writeAdapter(join(folder, 'low-rank'), deptConfig, deptTensors)], { home });
  const output = join(folder, 'never');
  const { exitCode, stderr } = await dept(['export', 'low-rank', '--to', 'peft', '--output', output], { home });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/low-rank update cannot become one of PEFT[\s\S]*--to dept/);
  expect(existsSync(output)).toBe(false);
});

test('remarks say what is missing and what is not used; another width than that of the language model is refused', async () => {
  const only = await dept(['import-adapter', writeAdapter(join(folder, 'only'), deptConfig, promptTensors)], { home });
  expect(only.stdout).toMatch(/note: The file holds the prompt alone: A and B of rank 3 are missing/);
  const peft = { ...promptConfig, num_virtual_tokens: 2, num_transformer_submodules: 2 };
  const two = await dept(['import-adapter', writeAdapter(join(folder, 'two'), peft, promptTensors)], { home });
  expect(two.stdout).toMatch(/note: Of its 4 rows the first 2 are used/);
  const source = writeAdapter(join(folder, 'narrow'), promptConfig, promptTensors);
  const narrow = await dept(['import-adapter', source, '--language', 'scenes-t5'], { home });
  expect(narrow.exitCode).toBe(2);
  expect(narrow.stderr).toMatch(/does not fit the model 'scenes-t5'[\s\S]*width 192[\s\S]*width 16/);
});

test.skipIf(!existsSync(published))("the authors' cola comes in and goes out as it was (needs ../shared)", async () => {
  const { stdout } = await dept(['import-adapter', join(published, 'cola'), '--json'], { home });
  expect(JSON.parse(stdout)).toMatchObject({ name: 'cola', parameters: 76_800, scale: 8 / Math.sqrt(15) });
  const output = join(folder, 'cola');
  await dept(['export', 'cola', '--to', 'dept', '--output', output], { home });
  for (const file of ['adapter_config.json', 'adapter_model.bin']) {
    expect(readFileSync(join(output, file)).equals(readFileSync(join(published, 'cola', file))), file).toBe(true);
  }
});
