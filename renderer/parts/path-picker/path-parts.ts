/** Absolute paths of any system as text: put together, and named. Pure. */

function slashOf(path: string): string {
  return /^([A-Za-z]:|\\\\)/.test(path) ? '\\' : '/';
}

export function joinPath(folder: string, name: string): string {
  const slash = slashOf(folder);
  return folder.endsWith(slash) ? `${folder}${name}` : `${folder}${slash}${name}`;
}

/** The last name of a path; all of it at the top, as `/` and `C:\`. */
export function nameOfPath(path: string): string {
  return path.split(slashOf(path) === '/' ? '/' : /[\\/]/).findLast((name) => name !== '') ?? path;
}
