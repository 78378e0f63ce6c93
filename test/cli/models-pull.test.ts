/** `dept models pull` from a hub on this machine: the plan, the download, Ctrl-C and the way on, and refusals in words. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { behaviours, filesOf, StandIn } from '../weights/hub/stand-in.ts';
import { dept, type FakeOptions } from './fake-host.ts';

const golden = join(import.meta.dirname, '..', 'golden', 't5-tiny');

let home: string;
let standIn: StandIn;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'dept-cli-pull-'));
  standIn = await StandIn.start();
  standIn.add('google-t5/t5-tiny', filesOf(golden, { 'tokenizer.json': '{}' }), { licence: 'apache-2.0' });
});
afterEach(async () => {
  await standIn[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}, options: Partial<FakeOptions> = {}) =>
  dept(args, { home, environment: { HF_ENDPOINT: standIn.endpoint, ...environment }, ...options });

test('--dry-run says what would be downloaded, and writes nothing', async () => {
  const { exitCode, stdout } = await run(['models', 'pull', 'google-t5/t5-tiny', '--dry-run']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^licence +apache-2\.0$/m);
  expect(stdout).toMatch(/^download +49 kB$/m);
  expect(stdout).toMatch(/^model\.safetensors +49 kB$/m);
  expect(existsSync(join(home, 'models'))).toBe(false);
  const { stdout: json } = await run(['models', 'pull', 'google-t5/t5-tiny', '--dry-run', '--json']);
  expect(JSON.parse(json)).toMatchObject({ repo: 'google-t5/t5-tiny', kind: 't5', bytes: 49_325, present: 0 });
});

test('a download tells its plan and how it goes, and ends with the model; show says where it came from', async () => {
  const { exitCode, stdout, stderr } = await run(['models', 'pull', 'google-t5/t5-tiny']);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^commit +[0-9a-f]{40}$/m) });
  expect(stderr).toContain('Asking the hub');
  expect(stdout).toMatch(/^name +t5-tiny$/m);
  const shown = await run(['models', 'show', 't5-tiny']);
  expect(shown.stdout).toMatch(new RegExp(`^from +${standIn.endpoint}/google-t5/t5-tiny at [0-9a-f]{40}$`, 'm'));
});

test('Ctrl-C keeps what is there; list tells how to go on or be rid of it', async () => {
  let press = (): void => {};
  standIn.misbehave(
    'model.safetensors',
    behaviours.hang(9000, () => press()),
  );
  const interruptible = (own: () => void): void => {
    press = own;
  };
  const stopped = await run(['models', 'pull', 'google-t5/t5-tiny', '--name', 'mine'], {}, { interruptible });
  expect(stopped).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('goes on from it') });

  const left = await run(['models', 'list']);
  expect(left.stderr).toMatch(
    /^mine is there in part: .* of 49 kB\. Go on: dept models pull google-t5\/t5-tiny --name mine; or: /,
  );
  expect(JSON.parse((await run(['models', 'list', '--json'])).stdout).downloads).toMatchObject([{ name: 'mine' }]);
  expect((await run(['models', 'pull', 'google-t5/t5-tiny', '--name', 'mine'])).exitCode).toBe(0);
  expect(readFileSync(join(home, 'models', 'mine', 'config.json'))).toEqual(readFileSync(join(golden, 'config.json')));
  expect((await run(['models', 'list'])).stderr).toBe('');
});

test('discard removes what is there', async () => {
  standIn.misbehave('model.safetensors', behaviours.status(401));
  expect((await run(['models', 'pull', 'google-t5/t5-tiny'])).exitCode).toBe(1);
  expect((await run(['models', 'discard', 't5-tiny'])).stdout).toBe('Discarded t5-tiny\n');
  expect((await run(['models', 'discard', 't5-tiny'])).exitCode).toBe(2);
});

test('offline, nonsense and unknown models are refused in words; a token is never shown', async () => {
  const offline = await run(['models', 'pull', 'google-t5/t5-tiny'], { HF_HUB_OFFLINE: 'true' });
  expect(offline).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('HF_HUB_OFFLINE forbids the network') });
  expect(standIn.requests).toEqual([]);
  expect((await run(['models', 'pull', 'https://example.com/a/b'])).exitCode).toBe(2);

  standIn.neededToken = 'hf_right';
  const wrong = await run(['models', 'pull', 'google-t5/t5-tiny'], { HF_TOKEN: 'hf_wrong' });
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Ask for access') });
  const right = await run(['models', 'pull', 'google-t5/t5-tiny'], { HF_TOKEN: 'hf_right' });
  expect(right.exitCode).toBe(0);
  expect([wrong.stderr, wrong.stdout, right.stderr, right.stdout].join()).not.toMatch(/hf_wrong|hf_right/);
});
