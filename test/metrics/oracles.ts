/** The reference evaluators' own numbers, which are kept beside the repository and not in it. */
import { existsSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../shared/data/oracles/', import.meta.url);

export const haveOracles = existsSync(FOLDER);

export function readOracle<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T;
}
