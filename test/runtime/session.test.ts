/** Sessions: every feed is checked before ONNX Runtime sees it, and its own failures arrive as ours. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DeptError } from '../../engine/common/errors.ts';
import { type CompiledGraph, compile } from '../../engine/graph/compile.ts';
import { addDims, multiplyDims, named } from '../../engine/graph/dim.ts';
import { add, cast, greater, multiply } from '../../engine/graph/ops/elementwise.ts';
import { gather } from '../../engine/graph/ops/gather.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { constant, input, stored } from '../../engine/graph/sources.ts';
import { extentsOf, Session, type TensorData, type Value } from '../../engine/runtime/session.ts';
import { rejection } from '../common/refusal.ts';
import { relativeDifference } from '../models/reference.ts';

const [batch, text] = [named('batch'), named('text')];

const value = (data: TensorData, ...shape: number[]): Value => ({ data, shape });

/** table[ids] + bias + wide, for feeds whose shapes have plain, repeated and composed extents. */
function graph(): CompiledGraph {
  const rows = gather(input('table', 'float32', [5, 2]), input('ids', 'int64', [batch, text]));
  const bias = input('bias', 'float32', [batch, 1, 2]);
  const wide = input('wide', 'float32', [multiplyDims(batch, addDims(text, 1)), 1, 1, 1]);
  return compile({ y: add(add(rows, bias), wide) });
}

const good: Readonly<Record<string, Value>> = {
  table: value(
    Float32Array.from({ length: 10 }, (_, i) => i),
    5,
    2,
  ),
  ids: value(BigInt64Array.of(0n, 4n, 2n), 1, 3),
  bias: value(Float32Array.of(0.5, 0), 1, 1, 2),
  wide: value(new Float32Array(4), 4, 1, 1, 1),
};

async function failure(feeds: Readonly<Record<string, Value>>): Promise<DeptError> {
  const session = await Session.create(graph(), { threads: 1 });
  const error = await rejection(session.run(feeds));
  await session.release();
  return error;
}

const folder = mkdtempSync(join(tmpdir(), 'dept-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('feeds', () => {
  test('that fit', async () => {
    const session = await Session.create(graph(), { threads: 1 });
    const { y } = await session.run({ ...good, unknown: value(new Float32Array(1), 1) });
    expect(y!.shape).toEqual([4, 1, 3, 2]);
    expect([...y!.data.slice(0, 6)]).toEqual([0.5, 1, 8.5, 9, 4.5, 5]);
    await session.release();
  });

  test('one is missing', async () => {
    const { table, ids, bias } = good;
    const { code, message, details } = await failure({ table: table!, ids: ids!, bias: bias! });
    expect([code, message]).toEqual(['bad-input', 'The graph input "wide" was not fed']);
    expect(details.got).toBe('table, ids, bias');
  });

  test.each([
    ['a fixed extent', 'table', value(new Float32Array(8), 4, 2), '[5, 2], here [5, 2]', '[4, 2] with 8 elements'],
    ['the rank', 'ids', value(new BigInt64Array(3), 3), '[batch, text], here [1, text]', '[3] with 3 elements'],
    [
      'an extent of another feed',
      'bias',
      value(new Float32Array(4), 2, 1, 2),
      '[batch, 1, 2], here [1, 1, 2]',
      '[2, 1, 2] with 4 elements',
    ],
    [
      'a composed extent',
      'wide',
      value(new Float32Array(3), 3, 1, 1, 1),
      '[batch+batch*text, 1, 1, 1], here [4, 1, 1, 1]',
      '[3, 1, 1, 1] with 3 elements',
    ],
    [
      'the number of elements',
      'bias',
      value(new Float32Array(3), 1, 1, 2),
      '[batch, 1, 2], here [1, 1, 2]',
      '[1, 1, 2] with 3 elements',
    ],
  ] as const)('wrong: %s', async (_title, name, feed, expected, got) => {
    const { code, message, details } = await failure({ ...good, [name]: feed });
    expect([code, message]).toEqual(['shape-mismatch', `The feed "${name}" has the wrong shape`]);
    expect(details).toEqual({ expected, got });
  });

  test('another element type', async () => {
    const { code, details } = await failure({ ...good, ids: value(new Int32Array(3), 1, 3) });
    expect(code).toBe('bad-input');
    expect(details).toEqual({ expected: 'BigInt64Array (int64)', got: 'Int32Array' });
  });
});

test('each element type goes in and comes out', async () => {
  const int32 = input('int32', 'int32', [2]);
  const bool = input('bool', 'bool', [2]);
  const uint8 = input('uint8', 'uint8', [2]);
  const outputs = {
    product: multiply(int32, int32),
    truth: greater(cast(bool, 'float32'), constant(0.5)),
    bytes: uint8,
    whole: cast(uint8, 'int32'),
  };
  const session = await Session.create(compile(outputs), { threads: 1 });
  const results = await session.run({
    int32: value(Int32Array.of(-3, 0x10001), 2),
    bool: value(Uint8Array.of(1, 0), 2),
    uint8: value(Uint8Array.of(7, 255), 2),
  });
  expect(results.product!.data).toEqual(Int32Array.of(9, 0x20001));
  expect(results.truth!.data).toEqual(Uint8Array.of(1, 0));
  expect(results.bytes!.data).toEqual(Uint8Array.of(7, 255));
  expect(results.whole!.data).toEqual(Int32Array.of(7, 255));
  await session.release();
});

describe('failures of ONNX Runtime', () => {
  test('a graph that it refuses', async () => {
    const { model, ...rest } = graph();
    const broken = Session.create({ ...rest, model: model.subarray(0, model.length - 40) });
    await expect(broken).rejects.toMatchObject({ code: 'runtime-failed', message: 'ONNX Runtime refused a graph' });
  });

  test('weights that went after the graph was built, or became shorter', async () => {
    const path = join(folder, 'short');
    const stand = { name: 'w', type: 'float32', shape: [4], file: path, offset: 8, length: 16 } as const;
    const built = compile({ y: multiply(input('x', 'float32', [4]), stored(stand)) });
    await expect(Session.create(built)).rejects.toMatchObject({ code: 'not-found', details: { path } });
    writeFileSync(path, Buffer.alloc(23));
    await expect(Session.create(built)).rejects.toMatchObject({
      code: 'bad-file',
      details: { path, expected: expect.stringContaining('24 bytes'), got: '23 bytes', remedy: expect.any(String) },
    });
    writeFileSync(path, Buffer.alloc(24));
    await (await Session.create(built)).release();
  });

  test('a run that it refuses', async () => {
    const { code, details } = await failure({ ...good, ids: value(BigInt64Array.of(0n, 5n, 0n), 1, 3) });
    expect(code).toBe('runtime-failed');
    expect(details.got).toContain('Gather');
  });

  test('a run that needs more memory than there is', async () => {
    const n = named('n');
    const huge = compile({ y: multiply(input('a', 'float32', [n, 1]), input('b', 'float32', [1, n])) });
    const session = await Session.create(huge, { threads: 1 });
    const side = 8_000_000; // 256 TB of products
    const row = new Float32Array(side);
    const error = await rejection(session.run({ a: value(row, side, 1), b: value(row, 1, side) }));
    expect(error).toMatchObject({
      code: 'no-memory',
      message: 'Memory ran out',
      details: { remedy: expect.any(String) },
    });
    expect(error.details.got).toContain('allocate memory');
    await session.release();
  });

  test('a session that was released', async () => {
    const session = await Session.create(graph(), { threads: 1 });
    await session.release();
    await expect(session.run(good)).rejects.toMatchObject({ code: 'runtime-failed' });
  });
});

test('the extents that feeds settle', () => {
  expect(extentsOf(graph(), good)).toEqual({ batch: 1, text: 3 });
  expect(extentsOf(graph(), {})).toEqual({});
});

describe('options', () => {
  test('a profile has the nodes of every run, once the session is released', async () => {
    const session = await Session.create(graph(), { threads: 1, profile: join(folder, 'profile') });
    await session.run(good);
    await session.run(good);
    await session.release();
    const [file] = readdirSync(folder).filter((name) => name.startsWith('profile'));
    const events = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as {
      args?: { op_name?: string };
      name: string;
    }[];
    const gathers = events.filter(({ name, args }) => args?.op_name === 'Gather' && name.endsWith('_kernel_time'));
    expect(gathers).toHaveLength(2);
  });

  /** Bytes of this process that no file stands behind. */
  const ownBytes = (): number =>
    1024 * Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);

  test.skipIf(process.platform !== 'linux')('shared weights are not copied, and give the same', async () => {
    const [rows, columns] = [4096, 4096];
    const file = join(folder, 'weights');
    const weights = new Float32Array(rows * columns).map((_, i) => Math.sin(i));
    writeFileSync(file, weights);
    const stand = {
      name: 'w',
      type: 'float32',
      shape: [rows, columns],
      file,
      offset: 0,
      length: weights.byteLength,
    } as const;
    const x = value(new Float32Array(2 * rows).fill(0.01), 2, rows);
    const open = async (sharedWeights: boolean) => {
      const before = ownBytes();
      const y = matmul(input('x', 'float32', [2, rows]), stored(stand));
      const session = await Session.create(compile({ y }), { threads: 1, sharedWeights });
      const { data } = (await session.run({ x })).y!;
      const bytes = ownBytes() - before;
      await session.release();
      return { data: data as Float32Array, bytes };
    };
    const [shared, packed] = [await open(true), await open(false)];
    expect(shared.bytes).toBeLessThan(0.5 * weights.byteLength);
    expect(packed.bytes).toBeGreaterThan(0.5 * weights.byteLength);
    expect(relativeDifference(shared.data, packed.data)).toBeLessThan(1e-5);
  });
});
