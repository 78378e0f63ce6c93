/** The only importer of onnxruntime-node: compiled graphs become sessions, feeds become results. */
import ort from 'onnxruntime-node';
import type { Device } from '../common/devices.ts';
import { DeptError } from '../common/errors.ts';
import { statOf } from '../common/files.ts';
import { memoryError } from '../common/memory.ts';
import type { CompiledGraph } from '../graph/compile.ts';
import { type Dim, dimTerms, type Extents, evaluateDim, plainName, shapeText } from '../graph/dim.ts';
import type { FedType, FedValue } from '../graph/sources.ts';

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A value with its shape, row-major. */
export interface Value {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

export interface SessionOptions {
  /** What computes; the CPU unless given. Whether it is there, `engine/service/devices.ts` finds out. */
  readonly device?: Device;
  /** Threads inside one operation; the default is one per physical core. */
  readonly threads?: number;
  /**
   * Weights stay where they lie in their file, mapped into memory: all sessions read one copy. Otherwise each session packs a
   * copy for each of its products, which small batches need to be fast.
   */
  readonly sharedWeights?: boolean;
  /** Writes the time of every node of every run to a JSON file whose path begins so, when the session is released. */
  readonly profile?: string;
}

/** What each element type is fed as. */
const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<FedType, unknown>;

/** A graph loaded into ONNX Runtime. `run` blocks the thread, cannot be interrupted, and always copies its outputs. */
export class Session {
  readonly graph: CompiledGraph;
  readonly #session: ort.InferenceSession;
  readonly #profiled: boolean;

  private constructor(graph: CompiledGraph, session: ort.InferenceSession, profiled: boolean) {
    this.graph = graph;
    this.#session = session;
    this.#profiled = profiled;
  }

  /** @throws DeptError 'not-found' or 'bad-file' for weights that are gone or cut short, 'no-memory', else 'runtime-failed'. */
  static async create(graph: CompiledGraph, options: SessionOptions = {}): Promise<Session> {
    const extra: Record<string, string> = {};
    if (graph.weightsFolder !== undefined) {
      extra.model_external_initializers_file_folder_path = graph.weightsFolder;
    }
    if (options.sharedWeights) extra.disable_prepacking = '1';
    checkWeightFiles(graph);
    try {
      const session = await ort.InferenceSession.create(graph.model, {
        executionProviders: [options.device ?? 'cpu'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4, // errors are thrown, not also logged
        enableMemPattern: false, // would hold a second copy of all values, laid out for the first run's shapes
        ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
        extra: { session: extra },
      });
      return new Session(graph, session, options.profile !== undefined);
    } catch (cause) {
      throw failure('ONNX Runtime refused a graph', cause, graph.weightsFolder);
    }
  }

  /**
   * Runs the graph once.
   * @throws DeptError 'bad-input' for a missing feed or one of another type, 'shape-mismatch' for one that contradicts
   *   the declared shape or another feed, 'no-memory', 'runtime-failed' for anything else ONNX Runtime reports.
   */
  async run(feeds: Readonly<Record<string, Value>>): Promise<Record<string, Value>> {
    const extents = extentsOf(this.graph, feeds);
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, declared] of this.graph.inputs) {
      const value = feeds[name];
      if (value === undefined) {
        throw new DeptError('bad-input', `The graph input "${name}" was not fed`, {
          got: Object.keys(feeds).join(', ') || 'nothing',
        });
      }
      checkFeed(name, value, declared, extents);
      tensors[name] = new ort.Tensor(declared.type as 'float32', value.data as Float32Array, value.shape);
    }
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(tensors);
    } catch (cause) {
      throw failure('ONNX Runtime failed while running a graph', cause);
    }
    const values: Record<string, Value> = {};
    for (const name of this.graph.outputs.keys()) {
      const result = results[name]!;
      values[name] = { data: result.data as TensorData, shape: result.dims };
    }
    return values;
  }

  /** Frees the native memory; the session cannot be used afterwards. */
  async release(): Promise<void> {
    if (this.#profiled) this.#session.endProfiling();
    await this.#session.release();
  }
}

/**
 * The files were checked when the graph was built, which may be hours ago; and a process that reads behind the end of a mapped
 * file is ended by the system. Throws `not-found` or `bad-file`.
 */
function checkWeightFiles({ weightFiles }: CompiledGraph): void {
  for (const [path, bytes] of weightFiles) {
    const size = statOf(path)?.size;
    if (size !== undefined && size >= bytes) continue;
    const [code, message] =
      size === undefined
        ? (['not-found', 'A file of weights is gone'] as const)
        : (['bad-file', 'A file of weights was cut short'] as const);
    throw new DeptError(code, message, {
      path,
      expected: `at least ${bytes} bytes, as when it was opened`,
      got: size === undefined ? 'no file' : `${size} bytes`,
      remedy:
        'Bring the file back as it was, or delete it where it was made from another (widened, quantised). What was saved before is still there: go on from it.',
    });
  }
}

function failure(message: string, cause: unknown, path?: string): DeptError {
  const ofMemory = memoryError(cause);
  if (ofMemory instanceof DeptError) return ofMemory;
  const got = cause instanceof Error ? cause.message : String(cause);
  return new DeptError('runtime-failed', message, { got, ...(path !== undefined && { path }), cause });
}

/** The value of every named extent that these feeds settle: the first that has it as a whole axis counts. */
export function extentsOf(graph: CompiledGraph, feeds: Readonly<Record<string, Value>>): Extents {
  const extents: Record<string, number> = {};
  for (const [name, { shape }] of graph.inputs) {
    const fed = feeds[name]?.shape;
    if (fed?.length !== shape.length) continue;
    shape.forEach((dim, axis) => {
      const extentName = plainName(dim);
      if (extentName !== undefined) extents[extentName] ??= fed[axis]!;
    });
  }
  return extents;
}

/** Throws 'shape-mismatch' or 'bad-input' for a feed that is not what the graph declares it to be. */
function checkFeed(name: string, { data, shape }: Value, declared: FedValue, extents: Extents): void {
  const array = arrays[declared.type];
  if (!(data instanceof array)) {
    throw new DeptError('bad-input', `The feed "${name}" has the wrong element type`, {
      expected: `${array.name} (${declared.type})`,
      got: data.constructor.name,
    });
  }
  const expected = declared.shape.map((dim) => (isSettled(dim, extents) ? evaluateDim(dim, extents) : dim));
  const fits =
    shape.length === expected.length && expected.every((dim, i) => typeof dim !== 'number' || dim === shape[i]);
  if (fits && shape.reduce((product, extent) => product * extent, 1) === data.length) return;
  throw new DeptError('shape-mismatch', `The feed "${name}" has the wrong shape`, {
    expected: `${shapeText(declared.shape)}, here ${shapeText(expected)}`,
    got: `[${shape.join(', ')}] with ${data.length} elements`,
  });
}

function isSettled(dim: Dim, extents: Extents): boolean {
  return dimTerms(dim).every(({ names }) => names.every((name) => name in extents));
}
