/** `npm start`: builds what is out of date, then opens the desktop window, or says why it cannot and opens the browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron, runElectron } from './desktop/launch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Exit code of a program of the project's own Node. */
async function runNode(...words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit' });
  const wait = (): void => {}; // Ctrl-C reaches the child as well, which saves before it ends
  process.on('SIGINT', wait);
  const [code] = await once(child, 'exit');
  process.off('SIGINT', wait);
  return code ?? 1;
}

/** When the newest file below a folder was written, in milliseconds. */
function newest(folder: string): number {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
}

function isOutOfDate(built: string, sources: readonly string[]): boolean {
  const path = join(root, built);
  return !existsSync(path) || sources.some((folder) => newest(folder) > statSync(path).mtimeMs);
}

async function build(built: string, sources: readonly string[], ...options: readonly string[]): Promise<void> {
  if (!isOutOfDate(built, sources)) return;
  console.error(`Building ${built}`);
  const code = await runNode(join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', ...options);
  if (code !== 0) process.exit(code);
}

const words = process.argv.slice(2);
await build('dist/renderer/index.html', ['renderer', 'engine/contract', 'engine/common']);
const window = await findElectron((sentence) => console.error(sentence));
if ('electron' in window) {
  await build('dist/desktop/main.js', ['main', 'engine'], '--app', '--config', 'vite.desktop.config.ts');
  process.exitCode = await runElectron(window.electron, root, words);
} else {
  console.error(`No desktop window: ${window.reason}. The app opens in the browser instead.`);
  process.exitCode = await runNode(join('main', 'cli', 'dept.js'), 'serve', ...words);
}
