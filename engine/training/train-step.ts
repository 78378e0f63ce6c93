/** One step: losses and gradients of the accumulated batches, clipping, the optimiser in each group at its own rate. */
import { Random } from '../common/random.ts';
import { type CompiledGraph, compile } from '../graph/compile.ts';
import { evaluateDim } from '../graph/dim.ts';
import { gradient } from '../graph/gradient.ts';
import { type Dropout, DropoutMasks } from '../graph/ops/dropout.ts';
import { elementsOf, isTrained, type ParameterGroup, type ParameterSpec, type Parameters } from '../graph/parameter.ts';
import type { Tensor } from '../graph/tensor.ts';
import { extentsOf, Session, type SessionOptions, type Value } from '../runtime/session.ts';
import { type MicroBatch, microBatches } from '../vision-language/micro-batches.ts';
import { clipGlobalNorm } from './clipping.ts';
import type { Optimiser, OptimiserState } from './optimisers/optimiser.ts';

/** A parameter with its values, enough to use it. */
export interface ParameterValues {
  readonly spec: ParameterSpec;
  readonly values: Float32Array;
}

/** A parameter as training has it; values and state are updated in place. A fixed one has no state. */
export interface TrainedParameter extends ParameterValues {
  readonly state: OptimiserState;
}

/** First values of every parameter, from the run's seed and the parameter's name. */
export function startParameters(specs: readonly ParameterSpec[], seed: number): ParameterValues[] {
  return specs.map((spec) => ({ spec, values: spec.initial(new Random(seed, 'parameter', spec.name)) }));
}

/** What the optimiser keeps of a parameter, before its first step. */
export function freshState(spec: ParameterSpec, optimiser: Optimiser): OptimiserState {
  return isTrained(spec) ? optimiser.freshState(spec.shape) : {};
}

/** The same parameters as the optimiser's first step finds them. */
export function withFreshState(parameters: readonly ParameterValues[], optimiser: Optimiser): TrainedParameter[] {
  return parameters.map((parameter) => ({ ...parameter, state: freshState(parameter.spec, optimiser) }));
}

export function parameterFeeds(parameters: readonly ParameterValues[]): Record<string, Value> {
  return Object.fromEntries(parameters.map(({ spec, values }) => [spec.name, { data: values, shape: spec.shape }]));
}

export interface StepOptions {
  readonly seed: number;
  readonly optimiser: Optimiser;
  /** Largest global gradient norm; null: no clipping. */
  readonly clipNorm: number | null;
  /** Most examples computed at one time; null: whole batches. */
  readonly microBatch: number | null;
}

export interface StepResult {
  readonly loss: number;
  /** Global gradient norm before clipping. */
  readonly gradientNorm: number;
}

const gradientName = (name: string): string => `gradient:${name}`;

export class TrainStep implements AsyncDisposable {
  /** Fixed ones among them. */
  readonly parameters: readonly TrainedParameter[];
  readonly #trained: readonly TrainedParameter[];
  readonly #session: Session;
  readonly #graph: CompiledGraph;
  readonly #dropout: Dropout;
  readonly #masks: DropoutMasks;
  readonly #options: StepOptions;

  private constructor(
    session: Session,
    graph: CompiledGraph,
    dropout: Dropout,
    parameters: readonly TrainedParameter[],
    options: StepOptions,
  ) {
    this.#session = session;
    this.#graph = graph;
    this.#dropout = dropout;
    this.#masks = new DropoutMasks(dropout.rate, options.seed);
    this.parameters = parameters;
    this.#trained = parameters.filter(({ spec }) => isTrained(spec));
    this.#options = options;
  }

  /** Differentiates `loss` and loads the graph. `dropout` is the one that built it. */
  static async create(
    model: { readonly loss: Tensor; readonly parameters: Parameters; readonly dropout: Dropout },
    parameters: readonly TrainedParameter[],
    options: StepOptions & SessionOptions,
  ): Promise<TrainStep> {
    const outputs: Record<string, Tensor> = { loss: model.loss };
    const trained = parameters.filter(({ spec }) => isTrained(spec));
    gradient(model.loss, model.parameters.trained).forEach((tensor, i) => {
      outputs[gradientName(trained[i]!.spec.name)] = tensor;
    });
    const graph = compile(outputs);
    return new TrainStep(await Session.create(graph, options), graph, model.dropout, parameters, options);
  }

  /** The mask of every dropout site, from (seed, step, part of the step): `first` examples of the part come before these. */
  #dropoutFeeds({ feeds, first }: MicroBatch, step: number, part: number): Record<string, Value> {
    const extents = extentsOf(this.#graph, feeds);
    const masks: Record<string, Value> = {};
    for (const { name, shape: dims } of this.#dropout.sites) {
      const shape = dims.map((dim) => evaluateDim(dim, extents));
      const perExample = elementsOf(shape.slice(1));
      const data = this.#masks.window(step, `${part} ${name}`, first * perExample, elementsOf(shape));
      masks[name] = { data, shape };
    }
    return masks;
  }

  /** Loss and gradients, of all but the fixed parameters, of accumulated batches whose token weights add up to one step's loss. */
  async gradients(
    batches: readonly Readonly<Record<string, Value>>[],
    step: number,
  ): Promise<{ loss: number; gradients: Float32Array[] }> {
    let loss = 0;
    let sums: Float32Array[] | undefined;
    for (const [part, batch] of batches.entries()) {
      for (const micro of microBatches(batch, this.#options.microBatch)) {
        const masks = this.#dropoutFeeds(micro, step, part);
        const results = await this.#session.run({ ...micro.feeds, ...parameterFeeds(this.parameters), ...masks });
        loss += results.loss!.data[0] as number;
        const own = this.#trained.map(({ spec }) => results[gradientName(spec.name)]!.data as Float32Array);
        sums?.forEach((sum, i) => {
          for (let j = 0; j < sum.length; j += 1) sum[j]! += own[i]![j]!;
        });
        sums ??= own;
      }
    }
    return { loss, gradients: sums ?? [] };
  }

  /** Update number `step` (from 0) with these learning rates. */
  async run(
    batches: readonly Readonly<Record<string, Value>>[],
    step: number,
    rates: Readonly<Record<ParameterGroup, number>>,
  ): Promise<StepResult> {
    const { loss, gradients } = await this.gradients(batches, step);
    const { optimiser, clipNorm } = this.#options;
    const gradientNorm = clipGlobalNorm(gradients, clipNorm ?? Number.POSITIVE_INFINITY);
    this.#trained.forEach(({ spec: { shape, group }, values, state }, i) => {
      optimiser.update({ shape, values, state }, gradients[i]!, step + 1, rates[group]);
    });
    return { loss, gradientNorm };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
