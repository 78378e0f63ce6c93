/** What a person set, the same on all pages: kept by the host, followed by the `settings` event. */
import type { Settings, SettingsChange } from '../../engine/contract/app.ts';
import { type ErrorRecord, toErrorRecord } from '../../engine/contract/errors.ts';
import { connection } from './connection.svelte.ts';

class AppSettings {
  /** Undefined until the host has told. */
  value = $state.raw<Settings>();
  /** Why they could not be read. */
  error = $state.raw<ErrorRecord>();

  async load(): Promise<void> {
    try {
      this.take(await connection.call('settings.get', {}));
    } catch (cause) {
      this.error = toErrorRecord(cause);
    }
  }

  /** All pages hear of it. Throws what the host throws. */
  async change(changes: SettingsChange): Promise<void> {
    this.take(await connection.call('settings.set', changes));
  }

  take(settings: Settings): void {
    this.value = settings;
    this.error = undefined;
  }
}

export const appSettings = new AppSettings();
