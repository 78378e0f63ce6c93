/** Paths as a person types or pastes them. Pure. */

/** One to a line; quotes around a path, as file managers copy them, and a `file://` before it are taken off. */
export function pathsIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .map((line) => (line.startsWith('file://') ? pathOfUrl(line) : line))
    .filter((line) => line !== '');
}

/** `file:///C:/data` is `C:/data`. */
function pathOfUrl(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname).replace(/^\/([A-Za-z]:)/, '$1');
  } catch {
    return url; // not an address after all: the engine says that there is no such path
  }
}

/** Each path once, in order. */
export function withPaths(paths: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...paths, ...more])];
}
