/** `dept models` on a home folder with a small T5. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../engine/weights/safetensors.ts';
import { dept } from './fake-host.ts';

let home: string;
let published: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-models-'));
  published = join(home, 'published', 't5-toy');
  mkdirSync(published, { recursive: true });
  writeFileSync(join(published, 'config.json'), '{ "model_type": "t5" }');
  writeFileSync(join(published, 'tokenizer.json'), '{}');
  const data = new Float32Array(40);
  writeSafetensors(join(published, 'model.safetensors'), { 'shared.weight': { dtype: 'F32', shape: [10, 4], data } });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('add, list, show and remove', async () => {
  const added = await dept(['models', 'add', published, '--json'], { home });
  expect(JSON.parse(added.stdout)).toMatchObject({ name: 't5-toy', kind: 't5', parameters: 40, dtype: 'F32' });

  expect((await dept(['models', 'list'], { home })).stdout).toMatch(/^t5-toy +t5 +40 +F32 /m);
  expect((await dept(['models', 'show', 't5-toy'], { home })).stdout).toMatch(/^parameters +40$/m);
  expect((await dept(['models', 'show', 't5-tyo'], { home })).stderr).toContain("Use 't5-toy'");

  expect((await dept(['models', 'remove', 't5-toy'], { home })).stdout).toBe('Removed t5-toy\n');
  expect((await dept(['models', 'remove', 't5-toy'], { home })).exitCode).toBe(2);
});

test('list goes on past a broken model, and says what is wrong with it', async () => {
  cpSync(published, join(home, 'models', 'good'), { recursive: true });
  mkdirSync(join(home, 'models', 'bad'), { recursive: true });
  writeFileSync(join(home, 'models', 'bad', 'config.json'), '{');
  const { exitCode, stdout, stderr } = await dept(['models', 'list', '--json'], { home });
  expect(exitCode).toBe(0);
  const { models, broken } = JSON.parse(stdout);
  expect(models.map(({ name }: { name: string }) => name)).toContain('good');
  expect(broken).toMatchObject([{ name: 'bad', error: { code: 'bad-file' } }]);
  expect(stderr).toMatch(/^bad cannot be used: /);
});

test('check prints every step; a model that cannot be used ends with the reason', async () => {
  const good = await dept(['models', 'check', 'scenes-t5'], { home });
  expect(good.stdout).toMatch(/^passed {3}self-test: /m);
  expect(good).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\nscenes-t5 can be used\n$/) });
  const bad = await dept(['models', 'check', published], { home });
  expect(bad.exitCode).toBe(2);
  expect(bad.stderr).toMatch(/^failed {3}shapes: /m);
  expect(bad.stderr).toMatch(/^skipped {2}self-test: What it builds on has failed$/m);
  expect(bad.stderr).toMatch(/^error: /m);
});
