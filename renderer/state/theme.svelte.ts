/** Light, dark, or as the system has it; sets `data-theme` on the page, from which all colours follow. */
import { MediaQuery } from 'svelte/reactivity';

export type ThemeChoice = 'system' | 'light' | 'dark';

class Theme {
  choice = $state<ThemeChoice>('system');
  readonly #systemIsDark = new MediaQuery('(prefers-color-scheme: dark)');
  readonly shown: 'light' | 'dark' = $derived(
    this.choice === 'system' ? (this.#systemIsDark.current ? 'dark' : 'light') : this.choice,
  );
}

export const theme = new Theme();
