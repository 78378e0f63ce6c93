/** Paths that came from outside: dropped on the program's icon, or given to a second start. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** Those of a command line that name something; switches and the program's own folder (`electron .`) do not. */
export function pathsOf(commandLine: readonly string[], folder: string, ownFolder: string): string[] {
  return commandLine
    .slice(1)
    .filter((word) => word !== '' && !word.startsWith('-'))
    .map((word) => (isAbsolute(word) ? word : resolve(folder, word)))
    .filter((path) => path !== ownFolder && existsSync(path));
}

export class OpenedPaths {
  #waiting: string[] = [];

  /** Whether there was anything to add. */
  add(paths: readonly string[]): boolean {
    this.#waiting.push(...paths);
    return paths.length > 0;
  }

  take(): readonly string[] {
    const paths = this.#waiting;
    this.#waiting = [];
    return paths;
  }
}
