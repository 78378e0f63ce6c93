import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeptError } from '../../engine/common/errors.ts';
import { decodeModel } from '../../engine/onnx/decode.ts';
import { encodeModel } from '../../engine/onnx/encode.ts';
import type { OnnxModel } from '../../engine/onnx/types.ts';

const model: OnnxModel = {
  irVersion: 10,
  producer: 'dept-studio',
  opsets: { '': 21, 'com.microsoft': 1 },
  graph: {
    name: 'step',
    nodes: [
      {
        op: 'MatMul',
        domain: '',
        name: 'encoder/0/q',
        inputs: ['x', 'w', ''],
        outputs: ['y'],
        attributes: {},
      },
      {
        op: 'Everything',
        domain: 'com.microsoft',
        name: 'größe',
        inputs: [],
        outputs: ['a', 'b'],
        attributes: {
          alpha: { kind: 'float', value: -0.5 },
          axis: { kind: 'int', value: -1 },
          least: { kind: 'int', value: -(2n ** 63n) },
          mode: { kind: 'string', value: 'tänh' },
          perm: { kind: 'ints', value: [0, 2, 1, -3, 300, 2n ** 62n] },
          scales: { kind: 'floats', value: [1, 0.25, Number.NEGATIVE_INFINITY] },
          none: { kind: 'ints', value: [] },
          value: {
            kind: 'tensor',
            value: { name: '', type: 'int64', dims: [], data: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) },
          },
        },
      },
    ],
    inputs: [
      { name: 'x', type: 'float32', dims: ['batch', 768, 'text'] },
      { name: 'seed', type: 'int64', dims: [] },
    ],
    outputs: [{ name: 'y', type: 'float16', dims: [0, 2 ** 40] }],
    initializers: [
      { name: 'w', type: 'float32', dims: [1, 1], data: Uint8Array.of(0, 0, 128, 63) },
      {
        name: 'big',
        type: 'bfloat16',
        dims: [32128, 768],
        data: { location: 'model.safetensors', offset: 2 ** 33, length: 49348608 },
      },
    ],
  },
};

test('what was encoded is decoded to the same model', () => {
  expect(decodeModel(encodeModel(model))).toEqual(model);
});

test('64-bit integers of every size survive', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
      const node = {
        op: 'X',
        domain: '',
        name: '',
        inputs: [],
        outputs: [],
        attributes: { v: { kind: 'ints', value: values } as const },
      };
      const back = decodeModel(encodeModel({ ...model, graph: { ...model.graph, nodes: [node] } })).graph.nodes[0]!;
      const attribute = back.attributes.v;
      expect(attribute?.kind === 'ints' && attribute.value.map(BigInt)).toEqual(values);
    }),
  );
});

/** A length-delimited field with a number below 16 and fewer than 128 bytes. */
const field = (number: number, ...bytes: number[]): number[] => [(number << 3) | 2, bytes.length, ...bytes];

test('packed repeated integers and unknown fields are read as the format asks', () => {
  const attribute = field(5, ...field(1, 97), ...field(8, 1, 0xac, 0x02), 0xa0, 0x01, 7);
  const bytes = Uint8Array.from([
    ...field(7, ...field(1, ...attribute), ...field(10, 1, 2, 3)),
    0x19,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ]);
  expect(decodeModel(bytes).graph.nodes[0]!.attributes).toEqual({ a: { kind: 'ints', value: [1, 300] } });
});

test('a packed run is longer than a call can have arguments', () => {
  const long = (number: number, bytes: readonly number[]): number[] => {
    const { length } = bytes;
    return [(number << 3) | 2, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14, ...bytes];
  };
  const attribute = [...field(1, 97), ...long(8, Array<number>(300_000).fill(1)), 0xa0, 0x01, 7];
  const { nodes } = decodeModel(Uint8Array.from(long(7, long(1, long(5, attribute))))).graph;
  const { a } = nodes[0]!.attributes;
  expect(a?.kind === 'ints' && a.value.length).toBe(300_000);
});

const text = (value: string): number[] => [...Buffer.from(value)];
const entry = (key: string, value: string): number[] =>
  field(13, ...field(1, ...text(key)), ...field(2, ...text(value)));

/** A float32 tensor in another file. */
const external = (offset: string, length: string): number[] =>
  field(7, ...field(5, 0x10, 1, ...entry('location', 'f'), ...entry('offset', offset), ...entry('length', length)));

describe('bad bytes', () => {
  const cases: [what: string, bytes: number[], code: string][] = [
    ['nothing', [], 'bad-file'],
    ['a field past the end', [0x3a, 5, 0], 'bad-file'],
    ['an endless integer', [0x08, ...Array<number>(10).fill(0xff), 0], 'bad-file'],
    ['field number 0', [0x02, 0], 'bad-file'],
    ['a group', [0x0b], 'bad-file'],
    ['a graph that is an integer', [0x38, 1], 'bad-file'],
    ['an operator name that is not UTF-8', field(7, ...field(1, ...field(4, 0xff))), 'bad-file'],
    ['a subgraph attribute', field(7, ...field(1, ...field(5, 0xa0, 0x01, 5))), 'unsupported'],
    ['an input that is no tensor', field(7, ...field(11, ...field(1, 97))), 'unsupported'],
    ['an input of unknown rank', field(7, ...field(11, ...field(2, ...field(1, 8, 1)))), 'unsupported'],
    ['an unknown element type', field(7, ...field(5, 0x10, 99)), 'unsupported'],
    ['float_data', field(7, ...field(5, 0x10, 1, ...field(4, 0, 0, 0, 0))), 'unsupported'],
    ['a negative size', field(7, ...field(5, 0x08, ...Array<number>(9).fill(0xff), 1, 0x10, 1)), 'bad-file'],
    [
      'a size beyond what is exact',
      field(7, ...field(5, ...field(1, ...Array<number>(8).fill(0xff), 0x7f))),
      'bad-file',
    ],
    ['external data at no place', external('-1', '4'), 'bad-file'],
    ['external data beyond what is exact', external('9007199254740993', '4'), 'bad-file'],
    ['external data without a length', external('0', ''), 'bad-file'],
    ['external data without a file', field(7, ...field(5, 0x10, 1, ...field(13, ...field(1, 97)))), 'bad-file'],
  ];
  test.each(cases)('%s', (_what, bytes, code) => {
    expect(() => decodeModel(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code }));
  });

  /** Our own error, or none. */
  function decodeDamaged(bytes: Uint8Array): void {
    try {
      decodeModel(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(DeptError);
    }
  }
  const good = encodeModel(model);

  test('a model that breaks off, at every byte', () => {
    for (let end = 0; end < good.length; end += 1) decodeDamaged(good.subarray(0, end));
    expect(() => decodeModel(good.subarray(0, good.length - 1))).toThrow(DeptError);
  });

  test('every field with every other wire type', () => {
    for (let at = 0; at < good.length; at += 1) {
      for (let wire = 1; wire < 8; wire += 1) decodeDamaged(good.with(at, good[at]! ^ wire));
    }
  });

  test('a length larger than the file', () => {
    for (const length of [[0x7f], [0xff, 0xff, 0xff, 0xff, 0x0f], [...Array<number>(9).fill(0xff), 0x01]]) {
      expect(() => decodeModel(Uint8Array.from([0x3a, ...length, 0, 0]))).toThrow(DeptError);
    }
  });

  test('any damage either decodes or ends in our own error', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) =>
        decodeDamaged(good.with(at, byte)),
      ),
      { numRuns: 500 },
    );
  });
});
