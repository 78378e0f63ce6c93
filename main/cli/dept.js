#!/usr/bin/env node
/** The `dept` command on any Node from 18 up: hands over to the project's own Node 24 where the running one is older. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24; // runs TypeScript as it is, has node:sqlite and Float16Array

/** The Node that `npm install` brought along as an optional dependency, or null where this platform has none. */
function ownNode() {
  const windows = process.platform === 'win32';
  const packageName = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
    return join(folder, 'bin', windows ? 'node.exe' : 'node');
  } catch {
    return null;
  }
}

if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  await import('./dept.ts');
} else {
  const node = ownNode();
  if (node === null) {
    console.error(`dept needs Node ${neededMajor} or newer, this is ${process.version}.`);
    console.error('Run "npm install" in the project folder (it brings one along), or install it yourself.');
    process.exit(1);
  }
  const script = fileURLToPath(new URL('./dept.ts', import.meta.url));
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} does not start: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
