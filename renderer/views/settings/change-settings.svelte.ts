/** One change of the settings at a time, the newest one counting, with why it could not be kept. */
import type { SettingsChange as Changes } from '../../../engine/contract/app.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { appSettings } from '../../state/app-settings.svelte.ts';

export class SettingsChange {
  error = $state.raw<ErrorRecord>();
  #next: Changes | undefined;
  #atWork = false;

  async make(changes: Changes): Promise<void> {
    this.#next = { ...this.#next, ...changes };
    if (this.#atWork) return;
    this.#atWork = true;
    try {
      while (this.#next !== undefined) {
        const now = this.#next;
        this.#next = undefined;
        await appSettings.change(now);
      }
      this.error = undefined;
    } catch (cause) {
      this.error = toErrorRecord(cause);
    } finally {
      this.#atWork = false;
    }
  }
}
