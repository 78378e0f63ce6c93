/** What a person set, in `settings.json` of the home folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeptError, shortened } from '../common/errors.ts';
import { writeJsonAtomic } from '../common/files.ts';
import { readJson } from '../common/json.ts';
import { nearest } from '../common/nearest.ts';
import { type Settings, type SettingsChange, settingsSchema } from '../contract/app.ts';

/** What a newer version keeps there as well is nothing to stumble over. */
const fileSchema = z.looseObject(settingsSchema.shape);

/** Of keys that are not known. */
const MOST_NAMED = 5;

const fileOf = (home: string): string => join(home, 'settings.json');

function readFile(home: string): z.output<typeof fileSchema> {
  const path = fileOf(home);
  return existsSync(path) ? readJson(path, fileSchema) : fileSchema.parse({});
}

/** Throws `bad-file`. */
export function readSettings(home: string): Settings {
  return settingsSchema.parse(readFile(home));
}

/** The settings as they are then; what else the file holds stays in it. Throws `bad-file`, `no-space` or `no-access`. */
export function changeSettings(home: string, changes: SettingsChange): Settings {
  const changed = { ...readFile(home), ...changes };
  writeJsonAtomic(fileOf(home), changed);
  return settingsSchema.parse(changed);
}

/**
 * A sentence on keys of the file that are no settings: mistyped, or a newer version's. Undefined where there are none, and where the
 * file cannot be read, which `readSettings` tells.
 */
export function unknownSettings(home: string): string | undefined {
  const known = Object.keys(settingsSchema.shape);
  const unknown = keysOf(home).filter((key) => !known.includes(key));
  if (unknown.length === 0) return undefined;
  const named = unknown.map((key) => {
    const near = nearest(key, known);
    return `"${shortened(key)}"${near === undefined ? '' : ` (did you mean ${near}?)`}`;
  });
  const [what, rest] = [named.slice(0, MOST_NAMED).join(', '), named.length - MOST_NAMED];
  const all = rest > 0 ? `${what} and ${rest} more` : what;
  return `settings.json has what this version does not know, kept but without effect: ${all}. Known are ${known.join(', ')}.`;
}

function keysOf(home: string): string[] {
  try {
    return Object.keys(readFile(home));
  } catch (error) {
    if (error instanceof DeptError) return [];
    throw error;
  }
}
