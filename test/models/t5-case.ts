/** A T5 of test/golden with the batch that the reference computed: its feeds, and its graphs by this engine. */
import { addDims, named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { concat, expand } from '../../engine/graph/ops/structure.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import type { T5Config } from '../../engine/models/t5/config.ts';
import { crossKeysValues, decode, logits } from '../../engine/models/t5/decoder.ts';
import { encoderStates, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { openT5 } from '../../engine/models/t5/open.ts';
import { decoderBuckets, encoderBuckets } from '../../engine/models/t5/positions.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import type { Value } from '../../engine/runtime/session.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { runGraph } from '../graph/run-graph.ts';
import { type Golden, golden, int64 } from './reference.ts';

interface T5Reference {
  readonly inputs: {
    readonly input_ids: number[][];
    /** Of the soft prompt, where there is one, and the text. */
    readonly attention_mask: number[][];
    readonly labels: number[][];
    readonly decoder_input_ids: number[][];
    readonly scores?: number[];
  };
  readonly loss: number;
  readonly weighted_loss?: number;
}

export interface T5Case extends Omit<Golden<T5Reference>, 'checkpoint'> {
  readonly config: T5Config;
  readonly checkpoint: Checkpoint;
}

/** The mean over all counted labels, or the mean over rows of score times the row's mean (spec 2.4). */
export type Weighting = 'mean' | 'scored';

export function t5Case(name: string): T5Case {
  const own = golden<T5Reference>(name);
  return { ...own, ...openT5(own.folder) };
}

/** Soft prompt rows before the text. */
const promptLength = ({ reference: { inputs } }: T5Case): number =>
  inputs.attention_mask[0]!.length - inputs.input_ids[0]!.length;

const floats = (rows: readonly (readonly number[])[]): Value => ({
  data: Float32Array.from(rows.flat()),
  shape: [rows.length, rows[0]!.length],
});

export function feeds(t5: T5Case, weighting: Weighting = 'mean'): Record<string, Value> {
  const { config, reference, expected } = t5;
  const { labels, scores, ...inputs } = reference.inputs;
  const [source, target] = [inputs.attention_mask[0]!.length, labels[0]!.length];
  const all = labels.flat();
  const counted = all.flatMap((label, i) => (label === -100 ? [] : [i]));
  const weights = counted.map((place) => {
    if (weighting === 'mean') return 1 / counted.length;
    const row = Math.floor(place / target);
    return scores![row]! / labels[row]!.filter((label) => label !== -100).length / labels.length;
  });
  const prompt = promptLength(t5);
  return {
    ids: int64(inputs.input_ids),
    ...(prompt === 0 ? {} : { prompt: { data: expected('prompt'), shape: [prompt, config.width] } }),
    mask: floats(inputs.attention_mask),
    buckets: { data: encoderBuckets(config, source), shape: [source, source] },
    targetIds: int64(inputs.decoder_input_ids),
    targetBuckets: { data: decoderBuckets(config, target), shape: [target, target] },
    counted: { data: BigInt64Array.from(counted, BigInt), shape: [counted.length] },
    labels: { data: BigInt64Array.from(counted, (place) => BigInt(all[place]!)), shape: [counted.length] },
    weights: { data: Float32Array.from(weights), shape: [weights.length] },
  };
}

const [batch, text, target, counted] = [named('batch'), named('text'), named('target'), named('counted')];

interface Encoded {
  /** What the encoder reads beside the mask: the prompt where there is one, else the word embeddings. */
  readonly front: Tensor;
  readonly mask: Tensor;
  readonly states: readonly Tensor[];
}

function encodeCase(t5: T5Case, backbone: CheckpointBackbone): Encoded {
  const { config } = t5;
  const rows = promptLength(t5);
  const source = addDims(rows, text);
  const mask = input('mask', 'float32', [batch, source]);
  const buckets = input('buckets', 'int64', [source, source]);
  const words = wordEmbeddings(backbone, config, input('ids', 'int64', [batch, text]));
  if (rows === 0) {
    return { front: words, mask, states: encoderStates(backbone, config, { states: words, mask, buckets }) };
  }
  const front = input('prompt', 'float32', [rows, config.width]);
  const states = concat([expand(front, [batch, rows, config.width]), words], 1);
  return { front, mask, states: encoderStates(backbone, config, { states, mask, buckets }) };
}

const targetIds = () => ({
  ids: input('targetIds', 'int64', [batch, target]),
  buckets: input('targetBuckets', 'int64', [target, target]),
});

/** What a sequence loss reads beside the encoder's states and its mask. */
export const lossInputs = () => ({
  ...targetIds(),
  counted: input('counted', 'int64', [counted]),
  labels: input('labels', 'int64', [counted]),
  weights: input('weights', 'float32', [counted]),
});

/** The states of every layer and the logits, under the reference's names. */
export async function forward(t5: T5Case, checkpoint: Checkpoint = t5.checkpoint): Promise<Map<string, Value>> {
  const { config } = t5;
  const backbone = new CheckpointBackbone(checkpoint);
  const { states, mask } = encodeCase(t5, backbone);
  const cross = crossKeysValues(backbone, config, states.at(-1)!);
  const decoder = decode(backbone, config, { ...targetIds(), cross, sourceMask: mask });
  const outputs: Record<string, Tensor> = { 'expected.logits': logits(backbone, config, decoder.states.at(-1)!) };
  for (const [stack, all] of Object.entries({ encoder: states, decoder: decoder.states })) {
    all.forEach((state, i) => {
      outputs[`expected.${stack}.${i === all.length - 1 ? 'final' : `hidden.${i}`}`] = state;
    });
  }
  return new Map(Object.entries(await runGraph(outputs, feeds(t5))));
}

/** The loss and its gradient by every weight and by what the encoder reads first: `loss`, `<weight>`, `front`. */
export async function lossAndGradients(t5: T5Case, weighting: Weighting): Promise<Map<string, Value>> {
  const { config, checkpoint } = t5;
  const backbone = new CheckpointBackbone(checkpoint, { trainable: () => true });
  const { front, states, mask } = encodeCase(t5, backbone);
  const { loss } = sequenceLoss(backbone, config, states.at(-1)!, mask, lossInputs());
  const weights = [...backbone.trained];
  const gradients = gradient(loss, [...weights.map(([, weight]) => weight), front]);
  const outputs: Record<string, Tensor> = { loss, front: gradients.at(-1)! };
  weights.forEach(([name], i) => {
    outputs[`grad.${name}`] = gradients[i]!;
  });
  const values = weights.map(([name]) => [
    name,
    { data: checkpoint.floats(name), shape: checkpoint.tensor(name).shape },
  ]);
  const fed: Record<string, Value> = { ...feeds(t5, weighting), ...Object.fromEntries(values) };
  return new Map(Object.entries(await runGraph(outputs, fed)));
}
