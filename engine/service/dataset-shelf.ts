/** Datasets held open by the process that answers quick reads: opened once, closed when they change or others are wanted. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetBrowser, openBrowser } from '../data/dataset-browser.ts';
import { datasetFolder, INFO_FILE } from '../data/dataset-info.ts';

interface Held {
  /** Of the `dataset.json` that it was opened by: every import puts another file in its place. */
  readonly mark: string;
  readonly browser: Promise<DatasetBrowser>;
  users: number;
  /** Off the shelf: the last user closes it. */
  dropped: boolean;
}

const HELD_OPEN = 4;

export class DatasetShelf implements Disposable {
  readonly home: string;
  /** By name, least recently used first. */
  readonly #held = new Map<string, Held>();

  constructor(home: string) {
    this.home = home;
  }

  /** What `work` makes of the dataset as it is now, which stays open until then. Throws as `openDataset`. */
  async use<T>(name: string, work: (browser: DatasetBrowser) => T | Promise<T>): Promise<T> {
    const held = this.#take(name);
    held.users += 1;
    try {
      return await work(await held.browser);
    } finally {
      held.users -= 1;
      closeIfUnused(held);
    }
  }

  /** Lets go of a dataset, such as one that is to be removed. */
  drop(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    held.dropped = true;
    closeIfUnused(held);
  }

  [Symbol.dispose](): void {
    for (const name of [...this.#held.keys()]) this.drop(name);
  }

  #take(name: string): Held {
    const mark = markOf(this.home, name);
    let held = this.#held.get(name);
    if (held === undefined || held.mark !== mark) {
      this.drop(name);
      const opened: Held = { mark, browser: openBrowser(this.home, name), users: 0, dropped: false };
      opened.browser.catch(() => {
        if (this.#held.get(name) === opened) this.drop(name);
      });
      held = opened;
    }
    this.#held.delete(name);
    this.#held.set(name, held);
    if (this.#held.size > HELD_OPEN) this.drop(this.#held.keys().next().value!);
    return held;
  }
}

function closeIfUnused({ dropped, users, browser }: Held): void {
  if (!dropped || users > 0) return;
  browser.then(
    (opened) => opened.close(),
    () => {}, // whoever asked for it has heard of it
  );
}

function markOf(home: string, name: string): string {
  const stat = statSync(join(datasetFolder(home, name), INFO_FILE), { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
