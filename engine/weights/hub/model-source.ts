/** Where a model came from: a small file that stays in its folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJsonAtomic } from '../../common/files.ts';
import { readJson } from '../../common/json.ts';
import { commitSchema } from './listing.ts';
import { isRepo } from './repo-reference.ts';

/** No model on the hub has a file of this name. */
export const SOURCE_FILE = 'dept-source.json';

const sourceSchema = z.object({
  /** Origin of the hub. */
  endpoint: z.string(),
  repo: z.string().refine(isRepo, 'is the name of no repository'),
  commit: commitSchema,
});

export type ModelSource = z.output<typeof sourceSchema>;

export function writeModelSource(folder: string, source: ModelSource): void {
  writeJsonAtomic(join(folder, SOURCE_FILE), source);
}

/** Undefined for a model that was added as a folder. Throws `bad-file`. */
export function readModelSource(folder: string): ModelSource | undefined {
  const path = join(folder, SOURCE_FILE);
  return existsSync(path) ? readJson(path, sourceSchema) : undefined;
}
