/** Every call that changes files is shown to a watcher before it is carried out, who may end the process there or throw. */
import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';

export interface FileOperation {
  readonly name: string;
  /** What it changes, where it is called by a path. */
  readonly path: string | undefined;
  /** Carries out a part of it: half of the bytes, some of the files. Missing where it has no parts. */
  readonly half?: () => void;
}

export type FileWatcher = (operation: FileOperation) => void;

type Call = (...args: never[]) => unknown;
type Args = readonly unknown[];

/** As they were: what a watcher and a half do is not watched. */
const own = { ...fs };

function firstHalf(data: unknown): Buffer {
  const bytes = Buffer.from(data as Uint8Array);
  return bytes.subarray(0, bytes.byteLength >> 1);
}

function halfOfFolder(folder: string): void {
  const names = own.readdirSync(folder);
  for (const name of names.slice(0, names.length >> 1)) own.rmSync(join(folder, name), { recursive: true });
}

/** How each call is carried out in part; undefined for one that is done at a stroke. */
const halves: Readonly<Record<string, ((args: Args) => (() => void) | undefined) | undefined>> = {
  write:
    ([fd, data]) =>
    () =>
      own.writeSync(fd as number, firstHalf(data)),
  writeFile:
    ([path, data]) =>
    () =>
      own.writeFileSync(path as string, firstHalf(data)),
  appendFile:
    ([path, data]) =>
    () =>
      own.appendFileSync(path as string, firstHalf(data)),
  copyFile:
    ([from, to]) =>
    () =>
      own.writeFileSync(to as string, firstHalf(own.readFileSync(from as string))),
  rm: ([path]) =>
    own.existsSync(path as string) && own.statSync(path as string).isDirectory()
      ? () => halfOfFolder(path as string)
      : undefined,
};

const names = [
  'appendFile',
  'copyFile',
  'fsync',
  'ftruncate',
  'link',
  'mkdir',
  'open',
  'rename',
  'rm',
  'rmdir',
  'truncate',
  'unlink',
  'utimes',
  'write',
  'writeFile',
];

/** Opening a file to be read changes nothing. */
const changes = (name: string, args: Args): boolean => name !== 'open' || /[wa]/.test(String(args[1] ?? 'r'));

/** Shows the watcher all that changes files from now on: of `node:fs`, of its promises, and of SQLite. Gives back how to stop. */
export async function watchFileOperations(watcher: FileWatcher): Promise<() => void> {
  const undo: (() => void)[] = [];
  let isInside = false; // a call may be made of others
  const replace = (
    target: object,
    property: string,
    name: string,
    isAsync: boolean,
    toArgs: (self: unknown, args: Args) => Args,
  ): void => {
    const owner = target as Record<string, Call>;
    const original = owner[property];
    if (original === undefined) return;
    const watch = (self: unknown, args: Args): void => {
      if (isInside || !changes(name, args)) return;
      const all = toArgs(self, args);
      const half = halves[name]?.(all);
      const path = typeof all[0] === 'string' ? all[0] : undefined;
      watcher({ name: property, path, ...(half !== undefined && { half }) });
    };
    owner[property] = isAsync
      ? async function (this: unknown, ...args: never[]) {
          watch(this, args);
          return original.apply(this, args);
        }
      : function (this: unknown, ...args: never[]) {
          watch(this, args);
          const wasInside = isInside;
          isInside = true;
          try {
            return original.apply(this, args);
          } finally {
            isInside = wasInside;
          }
        };
    undo.push(() => {
      owner[property] = original;
    });
  };
  const asCalled = (_: unknown, args: Args): Args => args;
  for (const name of names) {
    replace(fs, `${name}Sync`, name, false, asCalled);
    replace(fs.promises, name, name, true, asCalled);
  }
  const handle = await open(import.meta.filename);
  const ofHandle = (self: unknown, args: Args): Args => [(self as FileHandle).fd, ...args];
  const handles = Object.getPrototypeOf(handle) as object;
  for (const name of ['appendFile', 'write', 'writeFile']) replace(handles, name, 'write', true, ofHandle);
  for (const name of ['sync', 'truncate']) replace(handles, name, name, true, ofHandle);
  await handle.close();
  for (const name of ['exec', 'close']) replace(DatabaseSync.prototype, name, name, false, () => []);
  replace(StatementSync.prototype, 'run', 'run', false, () => []);
  syncBuiltinESMExports();
  return () => {
    for (const back of undo.reverse()) back();
    syncBuiltinESMExports();
  };
}
