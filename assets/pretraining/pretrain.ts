/** The training loop of the bundled models: AdamW on every weight, saved often, resumable to the same bits. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic, writeJsonAtomic } from '../../engine/common/files.ts';
import { compile } from '../../engine/graph/compile.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { elementsOf } from '../../engine/graph/parameter.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { clipGlobalNorm } from '../../engine/training/clipping.ts';
import { type AdamWOptions, adamW } from '../../engine/training/optimisers/adam.ts';
import type { OptimisedTensor } from '../../engine/training/optimisers/optimiser.ts';
import { readFloats, readSafetensorsHeader, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { type FreshBackbone, type Start, startValues } from './fresh-backbone.ts';

export interface Pretraining {
  /** Where config.json and the tokenizer lie and model.safetensors goes. */
  readonly folder: string;
  /** Where the state of an unfinished training lies: moments and step. */
  readonly stateFolder: string;
  readonly seed: number;
  readonly steps: number;
  /** Learning rate of the update after `step` updates. */
  readonly rate: (step: number) => number;
  /** Factor on the rate for one weight. */
  readonly rateFactor?: (name: string) => number;
  readonly decays: (name: string) => boolean;
  readonly optimiser: AdamWOptions;
  readonly clipNorm: number;
  readonly start: (name: string, shape: readonly number[]) => Start;
  /** Upper bounds on single weights after each step. */
  readonly limit?: Readonly<Record<string, number>>;
  readonly threads: number;
  readonly backbone: FreshBackbone;
  readonly loss: Tensor;
  /** More values to see in the log, each a scalar. */
  readonly watched: Readonly<Record<string, Tensor>>;
  readonly batch: (step: number) => { feeds: Record<string, Value>; label: string };
  readonly logEvery: number;
  readonly saveEvery: number;
}

interface Parameter extends OptimisedTensor {
  readonly name: string;
}

function openParameters({ backbone, seed, start, stateFolder, optimiser }: Pretraining): {
  parameters: Parameter[];
  step: number;
} {
  const { freshState } = adamW(optimiser);
  const statePath = join(stateFolder, 'state.safetensors');
  const saved = existsSync(statePath) ? readSafetensorsHeader(statePath) : undefined;
  const parameters = [...backbone.parameters].map(([name, tensor]) => {
    const shape = tensor.shape as readonly number[];
    if (saved === undefined) {
      const values = startValues(seed, name, elementsOf(shape), start(name, shape));
      return { name, shape, values, state: freshState(shape) };
    }
    const [values, first, second] = ['value', 'first', 'second'].map((part) => readFloats(saved, `${part}.${name}`));
    return {
      name,
      shape,
      values: values!,
      state: { first: { shape, values: first! }, second: { shape, values: second! } },
    };
  });
  const progress = join(stateFolder, 'progress.json');
  const step = saved === undefined ? 0 : (JSON.parse(readFileSync(progress, 'utf8')) as { step: number }).step;
  return { parameters, step };
}

function save({ folder, stateFolder }: Pretraining, parameters: readonly Parameter[], step: number): void {
  const tensor = (shape: readonly number[], data: Float32Array) => ({ dtype: 'F32', shape, data }) as const;
  const weights = Object.fromEntries(parameters.map(({ name, shape, values }) => [name, tensor(shape, values)]));
  const state = Object.fromEntries(
    parameters.flatMap(({ name, shape, values, state: { first, second } }) => [
      [`value.${name}`, tensor(shape, values)],
      [`first.${name}`, tensor(shape, first!.values)],
      [`second.${name}`, tensor(shape, second!.values)],
    ]),
  );
  writeSafetensors(join(folder, 'model.safetensors'), weights as never, { format: 'pt' });
  writeSafetensors(join(stateFolder, 'state.safetensors'), state as never);
  writeJsonAtomic(join(stateFolder, 'progress.json'), { step });
}

/** Linear warm-up to the peak, then half a cosine to a twentieth of it at `steps`. */
export function warmCosine(peak: number, warmupSteps: number, steps: number): (step: number) => number {
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
    return peak * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}

export async function pretrain(plan: Pretraining): Promise<void> {
  const { backbone, loss, watched, optimiser, limit = {}, rateFactor = () => 1 } = plan;
  const { parameters, step: firstStep } = openParameters(plan);
  const outputs: Record<string, Tensor> = { loss, ...watched };
  gradient(loss, [...backbone.parameters.values()]).forEach((tensor, i) => {
    outputs[`gradient.${parameters[i]!.name}`] = tensor;
  });
  const graph = compile(outputs);
  const session = await Session.create(graph, { threads: plan.threads });
  const count = parameters.reduce((sum, { values }) => sum + values.length, 0);
  const write = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  write(`${count} parameters, ${graph.nodeCount} nodes, from step ${firstStep} to ${plan.steps}`);

  const sums = new Map<string, { total: number; count: number }>();
  const note = (key: string, value: number): void => {
    const sum = sums.get(key) ?? { total: 0, count: 0 };
    sums.set(key, { total: sum.total + value, count: sum.count + 1 });
  };
  const [decaying, plain] = [adamW(optimiser), adamW({ ...optimiser, weightDecay: 0 })];
  let since = performance.now();
  for (let step = firstStep; step < plan.steps; step += 1) {
    const { feeds, label } = plan.batch(step);
    for (const { name, values, shape } of parameters) feeds[name] = { data: values, shape };
    const results = await session.run(feeds);
    const gradients = parameters.map(({ name }) => results[`gradient.${name}`]!.data as Float32Array);
    note('norm', clipGlobalNorm(gradients, plan.clipNorm));
    const rate = plan.rate(step);
    parameters.forEach((parameter, i) => {
      const { update } = plan.decays(parameter.name) ? decaying : plain;
      update(parameter, gradients[i]!, step + 1, rate * rateFactor(parameter.name));
      const bound = limit[parameter.name];
      if (bound !== undefined) parameter.values[0] = Math.min(parameter.values[0]!, bound);
    });
    for (const name of ['loss', ...Object.keys(watched)]) note(`${label}.${name}`, results[name]!.data[0] as number);
    if ((step + 1) % plan.logEvery === 0) {
      const means = [...sums].map(([key, { total, count: n }]) => `${key} ${(total / n).toFixed(3)}`).sort();
      const pace = (plan.logEvery / (performance.now() - since)) * 1000;
      write(`step ${step + 1} rate ${rate.toExponential(1)} ${pace.toFixed(2)} steps/s  ${means.join('  ')}`);
      sums.clear();
      since = performance.now();
    }
    if ((step + 1) % plan.saveEvery === 0 || step + 1 === plan.steps) save(plan, parameters, step + 1);
  }
  writeAtomic(join(plan.stateFolder, 'finished'), `${plan.steps}\n`);
  await session.release();
}
