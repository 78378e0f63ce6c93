/** What the window remembers between starts, in `desktop.json` of Electron's own folder: nothing of the work. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { readJson } from '../../engine/common/json.ts';
import { toErrorRecord } from '../../engine/contract/errors.ts';

const windowStateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() }),
  maximized: z.boolean(),
});

const stateSchema = z.object({
  window: windowStateSchema.optional(),
  /** The last folder of each dialog, by what the dialog is for. */
  folders: z.record(z.string(), z.string()).default({}),
  /** Whether to look for a newer version at each start. */
  checkForUpdates: z.boolean().default(false),
});

export type WindowState = z.output<typeof windowStateSchema>;
export type DesktopState = z.output<typeof stateSchema>;

export class DesktopStateFile {
  readonly #path: string;
  #state: DesktopState;

  /** A file that cannot be read is told to `log` and begun anew: it holds no more than where a window stood. */
  constructor(path: string, log: (text: string) => void) {
    this.#path = path;
    this.#state = stateSchema.parse({});
    if (!existsSync(path)) return;
    try {
      this.#state = readJson(path, stateSchema);
    } catch (error) {
      log(`${path} is begun anew: ${toErrorRecord(error).message}`);
    }
  }

  get current(): DesktopState {
    return this.#state;
  }

  update(changes: Partial<DesktopState>): void {
    this.#state = { ...this.#state, ...changes };
    writeJsonAtomic(this.#path, this.#state);
  }
}
