/** What a person set, in `settings.json` of the home folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../common/files.ts';
import { readJson } from '../common/json.ts';
import { type Settings, settingsSchema } from '../contract/app.ts';

const fileOf = (home: string): string => join(home, 'settings.json');

/** Throws `bad-file`. */
export function readSettings(home: string): Settings {
  const path = fileOf(home);
  return existsSync(path) ? readJson(path, settingsSchema) : settingsSchema.parse({});
}

export function writeSettings(home: string, settings: Settings): void {
  writeJsonAtomic(fileOf(home), settings);
}
