/**
 * Our training step on a case that `writeCase` made: `node test/bench/step.ts <case> <t5> [--dropout P] [--steps N]
 * [--threads N] [--micro N] [--precision int8] [--shared] [--recompute] [--profile PREFIX]`. Prints one JSON line, or with --profile where
 * the time goes. A process measures one case, so that its memory is that case's.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { graphCost } from '../../engine/graph/cost.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { isT5Matrix, QuantisedBackbone } from '../../engine/models/t5/quantised-backbone.ts';
import { machineSpeed } from '../../engine/service/machine-speed.ts';
import { adamW } from '../../engine/training/optimisers/adam.ts';
import { TrainStep, withFreshState } from '../../engine/training/train-step.ts';
import { trainingGraph } from '../../engine/vision-language/clip-t5.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { quantisedCheckpoint } from '../../engine/weights/quantise.ts';
import { widenedCheckpoint } from '../../engine/weights/widen.ts';
import { readCase } from './step-case.ts';
import { profileShares } from './step-profile.ts';

/** What one process measured; the peer prints as much. */
export interface StepMeasure {
  readonly losses: readonly number[];
  /** Seconds of every step after the first. */
  readonly seconds: readonly number[];
  /** Most bytes the process ever had resident. */
  readonly memory: number;
  /** Of those, what it had before the model was loaded. */
  readonly baseMemory: number;
}

export interface OwnMeasure extends StepMeasure {
  /** Floating-point operations of the step's products. */
  readonly flops: number;
  /** Bytes of the values alive at one time, by the cost model. */
  readonly activations: number;
  /** Of the machine at such products alone, in this process after the steps, per second. */
  readonly machineFlops: number;
}

const rates = { prompt: 0.3, lowRank: 5e-3, projection: 3e-4 } as const;

/** A field of this process's status, in bytes; Linux only. */
const statusOf = (field: string): number =>
  1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))![1]);

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    dropout: { type: 'string', default: '0.1' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string' },
    micro: { type: 'string' },
    precision: { type: 'string', default: 'float32' },
    shared: { type: 'boolean', default: false },
    recompute: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

function backboneOf(t5: string, folder: string): CheckpointBackbone {
  const options = { dropoutRate: Number(values.dropout), recomputes: values.recompute };
  const published = openCheckpoint(t5);
  const checkpoint = values.shared ? widenedCheckpoint(published, join(folder, 'widened')) : published;
  return values.precision === 'int8'
    ? new QuantisedBackbone(quantisedCheckpoint(checkpoint, isT5Matrix, join(folder, 'quantised')), options)
    : new CheckpointBackbone(checkpoint, options);
}

async function measure(folder: string, t5: string): Promise<OwnMeasure> {
  const { model, start, feeds } = readCase(folder, t5);
  const threads = numberOf(values.threads);
  const microBatch = numberOf(values.micro) ?? null;
  const baseMemory = statusOf('VmRSS');

  const backbone = backboneOf(t5, folder);
  const graph = trainingGraph(backbone, model, feeds.targetIds!.shape[1]);
  const optimiser = adamW({ betas: [0.9, 0.999], epsilon: 1e-6, epsilonPlacement: 'corrected', weightDecay: 0 });
  const step = await TrainStep.create({ ...graph, dropout: backbone.dropout }, withFreshState(start, optimiser), {
    seed: 1,
    optimiser,
    clipNorm: null,
    microBatch,
    threads,
    sharedWeights: values.shared,
    profile: values.profile,
  });
  const losses: number[] = [];
  const seconds: number[] = [];
  for (let i = 0; i < Number(values.steps); i += 1) {
    const begun = performance.now();
    losses.push((await step.run([feeds], i, rates)).loss);
    seconds.push((performance.now() - begun) / 1000);
  }
  const memory = statusOf('VmHWM');
  await step.release();

  const [batch, text] = feeds.ids!.shape as [number, number];
  const target = feeds.targetIds!.shape[1]!;
  const outputs = [graph.loss, ...gradient(graph.loss, graph.parameters.trained)];
  const costOf = (examples: number) =>
    graphCost(outputs, { batch: examples, text, target, counted: examples * target });
  const { width, feedForwardWidth } = model.config;
  const { flops: machineFlops } = await machineSpeed(width, feedForwardWidth, threads);
  const { flops } = costOf(batch);
  const { peak: activations } = costOf(Math.min(batch, microBatch ?? batch));
  return { losses, seconds: seconds.slice(1), memory, baseMemory, flops, activations, machineFlops };
}

const measured = await measure(...(positionals as [string, string]));
if (values.profile === undefined) console.log(JSON.stringify(measured));
else {
  const [folder, prefix] = [dirname(values.profile), basename(values.profile)];
  const file = readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .at(-1)!;
  console.table(profileShares(join(folder, file)));
}
