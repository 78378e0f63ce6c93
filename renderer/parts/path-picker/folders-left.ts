/** Where the folder dialog was left, by what was looked for; as long as the page lives. */
import type { PathKind } from './path-kinds.ts';

export const foldersLeft = new Map<PathKind, string>();
