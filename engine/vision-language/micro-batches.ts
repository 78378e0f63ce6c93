/** A batch's feeds cut by example: parts that are run one after another and add up to the whole in less memory. */
import type { TensorData, Value } from '../runtime/session.ts';

type Feeds = Readonly<Record<string, Value>>;

/** Some examples of a batch. */
export interface MicroBatch {
  readonly feeds: Record<string, Value>;
  /** Examples of the batch that come before. */
  readonly first: number;
}

/** Rows first .. first + count - 1 along the first axis, as a view. */
function rowsOf({ data, shape }: Value, first: number, count: number): Value {
  const width = data.length / shape[0]!;
  const part = data.subarray(first * width, (first + count) * width) as TensorData;
  return { data: part, shape: [count, ...shape.slice(1)] };
}

/** The feeds of `count` examples from `first` on, with the padding of the whole batch. */
function cut(feeds: Feeds, first: number, count: number): Record<string, Value> {
  const target = feeds.targetIds!.shape[1]!;
  const places = feeds.counted!.data as BigInt64Array;
  const [start, end] = [first * target, (first + count) * target];
  // places ascend, so those of consecutive examples are consecutive
  const own = places.filter((place) => place >= start && place < end);
  const before = places.findIndex((place) => place >= start);
  return {
    ...feeds,
    ...Object.fromEntries(
      ['ids', 'visual', 'mask', 'targetIds'].map((name) => [name, rowsOf(feeds[name]!, first, count)]),
    ),
    counted: { data: own.map((place) => place - BigInt(start)), shape: [own.length] },
    labels: rowsOf(feeds.labels!, before, own.length),
    weights: rowsOf(feeds.weights!, before, own.length),
  };
}

/** The batch in as few parts of at most `size` examples as there can be, as equal as can be; null: whole. */
export function microBatches(feeds: Feeds, size: number | null): MicroBatch[] {
  const examples = feeds.ids!.shape[0]!;
  const parts = Math.ceil(examples / (size ?? examples));
  return Array.from({ length: parts }, (_, part) => {
    const first = Math.floor((part * examples) / parts);
    const end = Math.floor(((part + 1) * examples) / parts);
    return { feeds: cut(feeds, first, end - first), first };
  });
}
