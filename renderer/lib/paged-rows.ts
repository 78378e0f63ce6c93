/** Rows that are fetched page by page as they come into view, for lists too long to hold: memory stays flat however far one scrolls. */
import { SvelteMap } from 'svelte/reactivity';

/** What virtual lists, grids and tables show; an array is one too. */
export interface RowSource<Row> {
  readonly length: number;
  /** Undefined while it is not there yet. */
  at(index: number): Row | undefined;
  /** Told which rows are in view, as often as that changes. */
  need?(first: number, last: number): void;
}

export interface PagedRowsOptions<Row> {
  readonly length: number;
  readonly pageSize: number;
  /** Gives the rows from `first` on, `count` of them; fewer only at the end. */
  fetch(first: number, count: number): Promise<readonly Row[]>;
  /** A page could not be had; it is asked for again when it is next needed. */
  onerror(cause: unknown): void;
  /** How many pages are kept. */
  readonly keep?: number;
  /** How many are fetched at a time. While one scrolls far, only what is in view when there is room is asked for. */
  readonly parallel?: number;
}

/** Another search or order is another PagedRows. */
export class PagedRows<Row> implements RowSource<Row> {
  readonly length: number;
  readonly #options: PagedRowsOptions<Row>;
  readonly #pages = new SvelteMap<number, readonly Row[]>();
  readonly #coming = new Set<number>();
  #wanted = { first: 0, last: -1 };

  constructor(options: PagedRowsOptions<Row>) {
    this.length = options.length;
    this.#options = options;
  }

  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / this.#options.pageSize))?.[index % this.#options.pageSize];
  }

  need(first: number, last: number): void {
    const { pageSize } = this.#options;
    this.#wanted = {
      first: Math.floor(first / pageSize),
      last: Math.floor(Math.min(last, this.length - 1) / pageSize),
    };
    this.#fill();
  }

  #fill(): void {
    const { parallel = 3 } = this.#options;
    for (let page = this.#wanted.first; page <= this.#wanted.last; page++) {
      if (this.#coming.size >= parallel) return;
      if (!this.#pages.has(page) && !this.#coming.has(page)) void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    const { pageSize, fetch, onerror } = this.#options;
    this.#coming.add(page);
    try {
      this.#pages.set(page, await fetch(page * pageSize, Math.min(pageSize, this.length - page * pageSize)));
      this.#forget();
    } catch (cause) {
      onerror(cause);
      return; // not again by itself: what failed once would fail in a loop
    } finally {
      this.#coming.delete(page);
    }
    this.#fill();
  }

  /** Lets go of the pages farthest from what is in view. */
  #forget(): void {
    const { keep = 24 } = this.#options;
    const middle = (this.#wanted.first + this.#wanted.last) / 2;
    const far = [...this.#pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const page of far.slice(0, Math.max(0, far.length - keep))) this.#pages.delete(page);
  }
}
