/** Keeps what comes before somebody listens. */

export interface Inbox<T> {
  readonly deliver: (item: T) => void;
  /** One listener: a second takes the first one's place. */
  readonly listen: (listener: (item: T) => void) => void;
}

export function inbox<T>(): Inbox<T> {
  let early: T[] = [];
  let listener = (item: T): void => void early.push(item);
  return {
    deliver: (item) => listener(item),
    listen: (own) => {
      listener = own;
      const kept = early;
      early = [];
      for (const item of kept) own(item);
    },
  };
}
