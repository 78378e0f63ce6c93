/** Damage: what a valid input can become on a bad disk, a broken line, or in the hands of somebody who means harm. */
import fc from 'fast-check';

/** Values at which lengths and offsets overflow, of one to eight bytes. */
const edges = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0xffff,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 53,
];

function little(value: number | bigint, width: 1 | 2 | 4 | 8): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return bytes.subarray(0, width);
}

type Change = (bytes: Buffer) => Buffer;

const at = (share: number, bytes: Buffer): number => Math.floor(share * (bytes.length + 1));
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const overwrite =
  (place: number, by: Buffer): Change =>
  (bytes) => {
    const start = at(place, bytes);
    return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(start + by.length)]);
  };

const changes: fc.Arbitrary<Change> = fc.oneof(
  share.map(
    (place): Change =>
      (bytes) =>
        bytes.subarray(0, at(place, bytes)),
  ),
  fc.tuple(share, fc.nat(7)).map(
    ([place, bit]): Change =>
      (bytes) => {
        const flipped = Buffer.from(bytes);
        const index = Math.floor(place * bytes.length);
        if (index < flipped.length) flipped[index]! ^= 1 << bit;
        return flipped;
      },
  ),
  fc.tuple(share, fc.nat(255)).map(([place, byte]) => overwrite(place, Buffer.from([byte]))),
  fc
    .tuple(share, fc.constantFrom(...edges, -1), fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const))
    .map(([place, value, width]) => overwrite(place, little(value, width))),
  fc.tuple(share, fc.uint8Array({ maxLength: 12 })).map(
    ([place, more]): Change =>
      (bytes) => {
        const start = at(place, bytes);
        return Buffer.concat([bytes.subarray(0, start), more, bytes.subarray(start)]);
      },
  ),
  // a part goes, comes twice, or in another place
  fc.tuple(share, share, share, fc.boolean()).map(
    ([from, to, into, stays]): Change =>
      (bytes) => {
        const [start, end] = [at(from, bytes), at(to, bytes)].sort((a, b) => a - b) as [number, number];
        const rest = stays ? bytes : Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
        const place = at(into, rest);
        return Buffer.concat([rest.subarray(0, place), bytes.subarray(start, end), rest.subarray(place)]);
      },
  ),
);

/** Up to five changes of any of these. */
export function damaged(whole: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const chosen = fc.constantFrom(...whole.map((bytes) => Buffer.from(bytes)));
  return fc
    .tuple(chosen, fc.array(changes, { maxLength: 5 }))
    .map(([bytes, list]) => list.reduce((current: Buffer, change) => change(current), bytes));
}

/** Stands for lists in lists, deeper than `JSON.stringify` or any recursion goes. */
const DEEP = '\u{1}deep';
const deepText = '['.repeat(20_000) + ']'.repeat(20_000);

/** JSON values that are seldom meant. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 31, 2 ** 32 - 2, 2 ** 53, -(2 ** 53), 1e9),
  fc.constantFrom<unknown>('', '\0', '\ud800', '../x', '__proto__', 'x'.repeat(3000), '\u{1f642}', 'NaN', '0'),
  fc.constantFrom<unknown>([], {}, [[]], [null], { __proto__: null }, Array(300).fill(0)),
  fc.constant(DEEP),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

type Step = readonly [pick: number, kind: 'replace' | 'remove' | 'rename' | 'repeat', value: unknown];

/** Of a key. */
const nameOf = (value: unknown): string =>
  value === DEEP ? 'deep' : (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 20);

/** Walks down from the root for as long as `pick` says, and changes what it comes to. */
function changeJson(value: unknown, [pick, kind, by]: Step): unknown {
  if (typeof value !== 'object' || value === null || pick < 1) return kind === 'replace' ? by : value;
  const entries = Object.entries(value);
  if (entries.length === 0) return by;
  const index = pick % entries.length;
  const rest = Math.floor(pick / entries.length);
  const [key, inner] = entries[index]!;
  const here = rest < 2;
  if (here && kind === 'remove') entries.splice(index, 1);
  else if (here && kind === 'rename') entries[index] = [nameOf(by), inner];
  else if (here && kind === 'repeat') entries.push([Array.isArray(value) ? key : `${key}2`, inner]);
  else entries[index] = [key, changeJson(inner, [rest, kind, by])];
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** Texts of the values with up to four changes somewhere inside. */
export function changedJson(values: readonly unknown[]): fc.Arbitrary<string> {
  const step = fc.tuple(
    fc.nat(100_000),
    fc.constantFrom('replace' as const, 'replace' as const, 'remove' as const, 'rename' as const, 'repeat' as const),
    strange,
  );
  return fc
    .tuple(fc.constantFrom(...values), fc.array(step, { minLength: 1, maxLength: 4 }))
    .map(([value, steps]) =>
      JSON.stringify(steps.reduce(changeJson, value)).replaceAll(JSON.stringify(DEEP), deepText),
    );
}

/** Texts of changed values, and texts damaged as bytes. */
export function damagedJson(values: readonly unknown[]): fc.Arbitrary<Buffer> {
  const texts = values.map((value) => Buffer.from(JSON.stringify(value)));
  return fc.oneof(
    { weight: 3, arbitrary: changedJson(values).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: damaged(texts) },
  );
}
