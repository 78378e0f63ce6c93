/** Light, dark, or as the system has it; the app sets `data-theme` on the page by it, from which all colours follow. */
import { MediaQuery } from 'svelte/reactivity';

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'theme';

function remembered(): ThemeChoice {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

class Theme {
  #choice = $state<ThemeChoice>(remembered());
  readonly #systemIsDark = new MediaQuery('(prefers-color-scheme: dark)');
  readonly shown: 'light' | 'dark' = $derived(
    this.#choice === 'system' ? (this.#systemIsDark.current ? 'dark' : 'light') : this.#choice,
  );

  /** Also kept in the browser, so that the next page starts in it before the settings have come. */
  get choice(): ThemeChoice {
    return this.#choice;
  }
  set choice(choice: ThemeChoice) {
    this.#choice = choice;
    localStorage.setItem(KEY, choice);
  }
}

export const theme = new Theme();
