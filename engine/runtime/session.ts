/** The only importer of onnxruntime-node: compiled graphs become sessions, feeds become results. */
import ort from 'onnxruntime-node';
import { DeptError } from '../common/errors.ts';
import type { CompiledGraph } from '../graph/compile.ts';
import { type Extents, plainName, type Shape, shapeText } from '../graph/dim.ts';

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A value with its shape, row-major. */
export interface Value {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

export interface SessionOptions {
  /** Threads inside one operation; the default is one per physical core. */
  readonly threads?: number;
}

const typeNames = { float32: 'float32', int32: 'int32', int64: 'int64', uint8: 'uint8', bool: 'bool' } as const;

/** A graph loaded into ONNX Runtime. `run` blocks the thread, cannot be interrupted, and always copies its outputs. */
export class Session {
  readonly graph: CompiledGraph;
  readonly #session: ort.InferenceSession;

  private constructor(graph: CompiledGraph, session: ort.InferenceSession) {
    this.graph = graph;
    this.#session = session;
  }

  static async create(graph: CompiledGraph, options: SessionOptions = {}): Promise<Session> {
    const extra: Record<string, string> = {};
    if (graph.weightsFolder !== undefined) {
      extra['model_external_initializers_file_folder_path'] = graph.weightsFolder;
    }
    try {
      const session = await ort.InferenceSession.create(graph.model, {
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
        extra: { session: extra },
      });
      return new Session(graph, session);
    } catch (cause) {
      throw new DeptError('runtime-failed', 'ONNX Runtime refused a graph', {
        got: cause instanceof Error ? cause.message : String(cause),
        ...(graph.weightsFolder === undefined ? {} : { path: graph.weightsFolder }),
        cause,
      });
    }
  }

  /**
   * Runs the graph once.
   * @throws DeptError 'bad-input' for a missing feed, 'shape-mismatch' for one that contradicts the declared shape or
   *   another feed, 'runtime-failed' for anything ONNX Runtime reports.
   */
  async run(feeds: Readonly<Record<string, Value>>): Promise<Record<string, Value>> {
    const extents: Record<string, number> = {};
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, declared] of this.graph.inputs) {
      const value = feeds[name];
      if (value === undefined) {
        throw new DeptError('bad-input', `The graph input "${name}" was not fed`, { got: Object.keys(feeds).join(', ') });
      }
      this.#check(name, value, declared.shape, extents);
      const type = typeNames[declared.type as keyof typeof typeNames];
      tensors[name] = new ort.Tensor(type, value.data as Float32Array, value.shape);
    }
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(tensors);
    } catch (cause) {
      throw new DeptError('runtime-failed', 'ONNX Runtime failed while running a graph', {
        got: cause instanceof Error ? cause.message : String(cause),
        cause,
      });
    }
    const values: Record<string, Value> = {};
    for (const name of this.graph.outputs.keys()) {
      const result = results[name]!;
      values[name] = { data: result.data as TensorData, shape: result.dims };
    }
    return values;
  }

  #check(name: string, value: Value, shape: Shape, extents: Record<string, number>): void {
    const fail = (expected: string): never => {
      throw new DeptError('shape-mismatch', `The feed "${name}" has the wrong shape`, {
        expected,
        got: `[${value.shape.join(', ')}] with ${value.data.length} elements`,
      });
    };
    const text = shapeText(shape);
    const count = value.shape.reduce((product, extent) => product * extent, 1);
    if (shape.length !== value.shape.length || count !== value.data.length) fail(text);
    shape.forEach((dim, axis) => {
      const extent = value.shape[axis]!;
      if (typeof dim === 'number') {
        if (dim !== extent) fail(text);
        return;
      }
      const extentName = plainName(dim);
      if (extentName === undefined) return;
      const known = (extents[extentName] ??= extent);
      if (known !== extent) fail(`${text} with ${extentName} = ${known} as in another feed`);
    });
  }

  /** Frees the native memory; the session cannot be used afterwards. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** The value of every named extent that these feeds settle. */
export function extentsOf(graph: CompiledGraph, feeds: Readonly<Record<string, Value>>): Extents {
  const extents: Record<string, number> = {};
  for (const [name, { shape }] of graph.inputs) {
    const value = feeds[name];
    shape.forEach((dim, axis) => {
      const extentName = plainName(dim);
      if (value !== undefined && extentName !== undefined) extents[extentName] = value.shape[axis]!;
    });
  }
  return extents;
}
