/** What the playground remembers while the page is open: settings, and what was tried. */
import type { Picture } from '../../../engine/contract/try-out.ts';
import { type TrySettings, usualSettings } from './settings-check.ts';
import type { Answered } from './trial.svelte.ts';

export interface Try {
  readonly number: number;
  readonly picture: Picture;
  readonly question: string | undefined;
  /** Of one run or two. */
  readonly sides: readonly Answered[];
}

const MOST = 50;

class Session {
  settings = $state<TrySettings>({ ...usualSettings });
  heat = $state(true);
  /** Newest first. */
  tries = $state.raw<readonly Try[]>([]);
  /** Asked before, newest first, each once. */
  readonly questions = $derived([...new Set(this.tries.flatMap(({ question }) => question ?? []))]);
  #next = 1;

  add(one: Omit<Try, 'number'>): void {
    this.tries = [{ number: this.#next++, ...one }, ...this.tries].slice(0, MOST);
  }
}

export const session = new Session();
