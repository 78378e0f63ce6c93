/**
 * Keyboard shortcuts: one listener, one list that the `?` dialog shows. Views add theirs with `useShortcuts` while they are shown.
 * Keys are as `KeyboardEvent.key` has them; two with a space between are pressed one after the other: `g d`.
 */
import { onMount } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

export interface Shortcut {
  /** `?`, `g d`, `Ctrl+Enter` (Command on a Mac), `Escape`. */
  readonly keys: string;
  /** What it does, as the list shows it: `Go to datasets`. */
  readonly label: string;
  /** Heading in the list; views give their own name. */
  readonly group: string;
  readonly run: () => void;
  /** Also while a text field has the focus; for keys with Ctrl. */
  readonly inFields?: boolean;
  /** Only in a dialog, which otherwise has the keys to itself; `both`: there as well. */
  readonly inDialog?: 'only' | 'both';
  /** False: the key is left to others now. */
  readonly when?: () => boolean;
}

/** How long the second key of a pair may take, in milliseconds. */
const PAIR_TIME = 1500;

class Shortcuts {
  readonly #active = new SvelteMap<string, Shortcut>();
  #first = '';
  #firstAt = 0;

  get all(): Shortcut[] {
    return [...this.#active.values()];
  }

  /** Adds shortcuts and gives back how to take them away. The latest to claim a key has it. */
  add(shortcuts: readonly Shortcut[]): () => void {
    const before = shortcuts.map(({ keys }) => [keys, this.#active.get(keys)] as const);
    for (const shortcut of shortcuts) this.#active.set(shortcut.keys, shortcut);
    return () => {
      for (const [keys, earlier] of before) {
        if (earlier === undefined) this.#active.delete(keys);
        else this.#active.set(keys, earlier);
      }
    };
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const isModal = document.querySelector('dialog:modal') !== null;
    const key = nameOf(event);
    if (key === undefined) return;
    const pair = event.timeStamp - this.#firstAt < PAIR_TIME ? `${this.#first} ${key}` : '';
    const shortcut = this.#active.get(pair) ?? this.#active.get(key);
    this.#first = key;
    this.#firstAt = event.timeStamp;
    if (shortcut === undefined || (isTyping(event.target) && !shortcut.inFields)) return;
    if (isModal ? shortcut.inDialog === undefined : shortcut.inDialog === 'only') return;
    if (shortcut.when?.() === false) return;
    this.#firstAt = Number.NEGATIVE_INFINITY;
    event.preventDefault();
    shortcut.run();
  }
}

/** `Ctrl+` stands for Command on a Mac; Shift shows in the key itself, except for named keys. */
function nameOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): string | undefined {
  if (['Shift', 'Control', 'Meta', 'Alt'].includes(key)) return undefined;
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button', 'file'].includes(target.type);
}

export const shortcuts = new Shortcuts();

/** A component's own shortcuts, there as long as it is. Call it while the component is set up. */
export function useShortcuts(...list: Shortcut[]): void {
  onMount(() => shortcuts.add(list));
}
