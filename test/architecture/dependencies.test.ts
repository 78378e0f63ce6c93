/** What is installed is what docs/dependencies.md says: few packages at run time, pinned, and no script that nobody has judged. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
const locked = Object.entries(lock.packages as Readonly<Record<string, Locked>>).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** The first cells of the table under a heading, each with the others. */
function tableUnder(heading: string): [string, string[]][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (.+) \|$/gm)]
    .slice(2)
    .map(([, row]) => row!.split(' | '))
    .map(([first, ...rest]) => [first!, rest]);
}

test('run time: these packages, each of an exact version, under these licences', () => {
  const own = Object.entries(manifest.dependencies);
  expect(tableUnder('At run time')).toEqual(
    own.map(([name, version]) => {
      const { license } = lock.packages[`node_modules/${name}` as keyof typeof lock.packages] as Locked;
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      return [name, [expect.any(String), license]];
    }),
  );
});

test('each package of the lock file is pinned by version and digest', () => {
  expect(locked.filter(([, { version, integrity }]) => !version || !/^sha512-/.test(integrity ?? ''))).toEqual([]);
});

test('the licences of all that is installed at run time', () => {
  const licences = locked
    .filter(([, { dev }]) => !dev)
    .flatMap(([path, { license }]) => {
      // Two of the packages that bring Node state none: Node's own licence file, MIT, lies in them.
      if (license === undefined) expect(nameOf(path)).toMatch(/^node-(bin-)?(linux|darwin|win)/);
      return (license ?? 'MIT')
        .replaceAll(/[()]/g, '')
        .split(' AND ')
        .map((part) => part.split(' OR ')[0]!);
    });
  const listed = /^Of all that is installed at run time: (.+)\.$/m.exec(page)![1]!.replace(/ \([^)]*\)/g, '');
  expect([...new Set(licences)].sort()).toEqual(listed.split(', '));
});

/** The installed packages that npm would run something of: a script, or node-gyp for a `binding.gyp`. */
function withScripts(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name.startsWith('.')) return [];
    if (name.startsWith('@')) return withScripts(path);
    if (!existsSync(join(path, 'package.json'))) return [];
    const { scripts = {} } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const runs = ['preinstall', 'install', 'postinstall'].some((script) => script in scripts);
    const inner = join(path, 'node_modules');
    return [
      ...(runs || existsSync(join(path, 'binding.gyp')) ? [nameOf(path)] : []),
      ...(existsSync(inner) ? withScripts(inner) : []),
    ];
  });
}

test('scripts on install: each is listed with its reason and denied, in the lock file and on the disk', () => {
  const listed = tableUnder('Scripts on install').map(([name]) => name);
  const inLock = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
  expect(inLock.sort()).toEqual(listed);
  expect(withScripts(join(root, 'node_modules')).filter((name) => !listed.includes(name))).toEqual([]);
  expect(manifest.allowScripts).toEqual(Object.fromEntries(listed.map((name) => [name, false])));
});
