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
  /** Gives the rows from `first` on, `count` of them; fewer only at the end. The signal says that they are no longer needed. */
  fetch(first: number, count: number, signal: AbortSignal): Promise<readonly Row[]>;
  /** A page could not be had; it is asked for again when it is next needed. */
  onerror(cause: unknown): void;
  /** How many pages are kept. */
  readonly keep?: number;
  /** How many are fetched at a time. While one scrolls far, only what is in view when there is room is asked for. */
  readonly parallel?: number;
  /** How many pages on either side of the view are fetched once all in view is there; none by default. */
  readonly around?: number;
  /** The first page, where it is known already. */
  readonly start?: readonly Row[];
}

/** Another search or order is another PagedRows. */
export class PagedRows<Row> implements RowSource<Row> {
  readonly length: number;
  readonly #options: PagedRowsOptions<Row>;
  readonly #pages: SvelteMap<number, readonly Row[]>;
  readonly #coming = new Map<number, AbortController>();
  #wanted = { first: 0, last: -1 };

  constructor(options: PagedRowsOptions<Row>) {
    this.length = options.length;
    this.#options = options;
    this.#pages = new SvelteMap(options.start === undefined ? [] : [[0, options.start]]);
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

  /** What has scrolled away is taken back; what is in view comes before what is around it. */
  #fill(): void {
    const { parallel = 3 } = this.#options;
    const [inView, near] = this.#pagesWanted();
    for (const [page, request] of this.#coming) {
      if (inView.includes(page) || near.includes(page)) continue;
      request.abort();
      this.#coming.delete(page);
    }
    const isMissing = (page: number): boolean => !this.#pages.has(page);
    const missing = inView.some(isMissing) ? inView.filter(isMissing) : near.filter(isMissing);
    for (const page of missing) {
      if (this.#coming.size >= parallel) return;
      if (!this.#coming.has(page)) void this.#fetch(page);
    }
  }

  #pagesWanted(): [inView: number[], near: number[]] {
    const { around = 0, pageSize } = this.#options;
    const { first, last } = this.#wanted;
    const end = Math.ceil(this.length / pageSize) - 1;
    return [
      pagesFrom(first, last),
      [...pagesFrom(last + 1, Math.min(end, last + around)), ...pagesFrom(Math.max(0, first - around), first - 1)],
    ];
  }

  async #fetch(page: number): Promise<void> {
    const { pageSize, fetch, onerror } = this.#options;
    const request = new AbortController();
    this.#coming.set(page, request);
    try {
      const count = Math.min(pageSize, this.length - page * pageSize);
      const rows = await fetch(page * pageSize, count, request.signal);
      if (request.signal.aborted) return;
      this.#pages.set(page, rows);
      this.#forget();
    } catch (cause) {
      if (!request.signal.aborted) onerror(cause);
      return; // not again by itself: what failed once would fail in a loop
    } finally {
      if (this.#coming.get(page) === request) this.#coming.delete(page);
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

function pagesFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, position) => first + position);
}
