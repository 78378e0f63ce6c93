/** ONNX's own node tests, from Debian's package libonnx-testdata: a model of one node, its inputs, its outputs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DeptError } from '../../engine/common/errors.ts';
import { decodeModel, decodeTensor } from '../../engine/onnx/decode.ts';
import type { ElementType, OnnxModel, OnnxTensor } from '../../engine/onnx/types.ts';
import type { Dense } from '../graph/dense.ts';

const VERSION = '1.12.0';
const root = '/usr/share/libonnx-testdata/data';

/** The version with the cases that the tests name. */
const { stdout } = spawnSync('dpkg-query', ['--show', 'libonnx-testdata'], { encoding: 'utf8' });
export const areHere = stdout?.includes(`\t${VERSION}-`) === true && existsSync(root);
export const source = `ONNX ${VERSION} node tests`;

const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** The model, undefined where it has parts that the engine does not read. */
function decoded(bytes: Uint8Array): OnnxModel | undefined {
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (error instanceof DeptError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

/** The models of the package that the engine reads, by folder. */
export function readModels(): ReadonlyMap<string, OnnxModel> {
  const folders = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(root, kind, name)),
  );
  return new Map(
    folders.flatMap((folder) => {
      const model = decoded(bytesOf(join(folder, 'model.onnx')));
      return model === undefined ? [] : [[folder, model] as const];
    }),
  );
}

/** A node test: its model, what goes in, what comes out. */
interface NodeCase {
  readonly name: string;
  readonly model: OnnxModel;
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
}

/** The node tests among these models that `isWanted`. Those with bfloat16 are not: their data say that they are uint16. */
export function nodeCases(models: ReadonlyMap<string, OnnxModel>, isWanted: (model: OnnxModel) => boolean): NodeCase[] {
  return [...models].flatMap(([folder, model]) => {
    const { inputs, outputs } = model.graph;
    const isReadable = [...inputs, ...outputs].every(({ type }) => type !== 'bfloat16');
    if (dirname(folder) !== join(root, 'node') || !isReadable || !isWanted(model)) return [];
    const read = (kind: string, count: number): OnnxTensor[] =>
      Array.from({ length: count }, (_, i) =>
        decodeTensor(bytesOf(join(folder, 'test_data_set_0', `${kind}_${i}.pb`))),
      );
    const name = basename(folder).slice('test_'.length);
    return [{ name, model, inputs: read('input', inputs.length), outputs: read('output', outputs.length) }];
  });
}

type Numbers = ArrayLike<number | bigint>;

const arrays: Record<Exclude<ElementType, 'bfloat16'>, (buffer: ArrayBuffer) => Numbers> = {
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
  float16: (buffer) => new Float16Array(buffer),
  uint8: (buffer) => new Uint8Array(buffer),
  bool: (buffer) => new Uint8Array(buffer),
  int8: (buffer) => new Int8Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  uint32: (buffer) => new Uint32Array(buffer),
  int64: (buffer) => new BigInt64Array(buffer),
  uint64: (buffer) => new BigUint64Array(buffer),
};

/** The bytes of a tensor that has them in its model. */
export function rawData({ data, name }: OnnxTensor): Uint8Array<ArrayBuffer> {
  if (data instanceof Uint8Array) return Uint8Array.from(data);
  throw new Error(`${name} lies in another file`);
}

/** A tensor as numbers. */
export function numbersOf(tensor: OnnxTensor): Dense {
  const values = arrays[tensor.type as Exclude<ElementType, 'bfloat16'>](rawData(tensor).buffer);
  return { shape: tensor.dims, data: Float64Array.from(values as ArrayLike<number>, Number) };
}
