/** The launcher: it hands over, to another Node where it runs on one that is too old; exit code, streams and signals come through. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Loaded before the launcher, makes any Node say that it is Node 20. */
const old = ['--import', 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.20.2"}})'];

const houses: string[] = [];
afterEach(() => {
  for (const house of houses.splice(0)) rmSync(house, { recursive: true, force: true });
});

/** A copy of the launcher beside the given dept.ts, with a Node of its own (the one that runs the tests) or without. */
function build(script: string, { ownNode }: { ownNode: boolean }): string {
  const house = mkdtempSync(join(tmpdir(), 'dept-launcher-'));
  houses.push(house);
  writeFileSync(join(house, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(house, 'dept.ts'), script);
  cpSync(join(root, 'main', 'cli', 'dept.js'), join(house, 'dept.js'));
  if (ownNode) {
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
    const name = Object.keys(optionalDependencies).find((known) => known.endsWith(platform))!;
    const folder = join(house, 'node_modules', name);
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    symlinkSync(process.execPath, join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
  }
  return join(house, 'dept.js');
}

/** The environment of the tests, without any proxy, and with these variables. */
function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(https?_proxy|node_use_env_proxy)$/i.test(name));
  return { ...Object.fromEntries(own), ...changes };
}

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: environment() });
}

test('says what is missing where there is no Node of its own', () => {
  const { status, stderr } = node(...old, build('', { ownNode: false }));
  expect(status).toBe(1);
  expect(stderr).toMatch(/needs Node 24 or newer[\s\S]*npm install/);
});

test('hands arguments over, and exit code and streams back', () => {
  const script = 'console.log(process.argv.slice(2).join("|")); console.error("told"); process.exitCode = 2 as number;';
  const { status, stdout, stderr } = node(...old, build(script, { ownNode: true }), 'models', 'a b', '--json');
  expect(stdout).toBe('models|a b|--json\n');
  expect(stderr).toBe('told\n');
  expect(status).toBe(2);
});

test.skipIf(process.platform === 'win32')('tells how the program was lost, where it was', () => {
  const launcher = build('process.kill(process.pid, process.argv[2] as string);', { ownNode: false });
  writeFileSync(join(launcher, '..', 'tell-loss.ts'), 'console.log(process.argv.slice(2).join("|"));');
  const lost = node(launcher, 'SIGKILL', 'train');
  expect([lost.status, lost.stdout]).toEqual([128 + constants.signals.SIGKILL, 'SIGKILL|SIGKILL|train\n']);
  const ended = node(launcher, 'SIGTERM');
  expect([ended.status, ended.stdout]).toEqual([128 + constants.signals.SIGTERM, '']);
});

test('what is told: in words, or as JSON', () => {
  const script = join(root, 'main', 'cli', 'tell-loss.ts');
  const { stdout, stderr } = node(script, 'SIGKILL', 'train');
  expect(stdout).toBe('');
  expect(stderr).toMatch(
    /^error: The process of the command was lost: killed by SIGKILL\n.*remedy: .*dept resume.*microBatch/,
  );
  const json = node(script, 'SIGBUS', 'train', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    error: { code: 'interrupted', remedy: expect.stringMatching(/dept resume.*cut short/) },
  });
});

test.each([
  [{ HTTPS_PROXY: 'http://proxy:1' }, '1'],
  [{ http_proxy: 'http://proxy:1' }, '1'],
  [{ HTTPS_PROXY: 'http://proxy:1', NODE_USE_ENV_PROXY: '0' }, '0'],
  [{}, 'unset'],
])('a proxy of the environment is gone by: %j', (proxy, told) => {
  const launcher = build("console.log(process.env.NODE_USE_ENV_PROXY ?? 'unset')", { ownNode: false });
  const { stdout } = spawnSync(process.execPath, [launcher], { encoding: 'utf8', env: environment(proxy) });
  expect(stdout).toBe(`${told}\n`);
});

test.skipIf(process.platform === 'win32')('passes signals on and waits for the answer', async () => {
  const script = `
    setInterval(() => {}, 1000);
    process.on('SIGINT', () => { console.log('saved'); process.exit(0 as number); });
    console.log('ready');
  `;
  const launcher = build(script, { ownNode: true });
  const child = spawn(process.execPath, [...old, launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (text.includes('ready')) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  expect(output).toBe('ready\nsaved\n');
  expect(code).toBe(0);
});
