/**
 * Trains the bundled T5 from nothing, on text alone: span corruption, questions about described scenes, and captions of
 * described scenes. `node assets/pretraining/pretrain-t5.ts --model DIR --state DIR [--steps N]`
 *
 * A scene is described either in words, or as "bag tokens": one vector per part of the scene, the normalised sum of the
 * embeddings of the words that hold there, appended without positions exactly where CLIP-T5 puts visual tokens. A frozen
 * T5 that has met such vectors can later be spoken to by a visual projection.
 */
import { parseArgs } from 'node:util';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { keyOf, Random } from '../../engine/common/random.ts';
import { weighted } from '../../engine/data/scenes/weighted.ts';
import { addDims, named } from '../../engine/graph/dim.ts';
import { multiply } from '../../engine/graph/ops/elementwise.ts';
import { rmsNorm } from '../../engine/graph/ops/normalisation.ts';
import { concat, reduceSum } from '../../engine/graph/ops/structure.ts';
import { constant, input } from '../../engine/graph/sources.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { encode, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { encoderBuckets } from '../../engine/models/t5/positions.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { paddedIds } from '../../engine/vision-language/clip-t5.ts';
import { targetFeeds, tokenWeights } from '../../engine/vision-language/target-feeds.ts';
import { FreshBackbone, type Start } from './fresh-backbone.ts';
import { pretrain, warmCosine } from './pretrain.ts';
import { BAG_WORDS, type Stage, type TextExample, type TextTask, textExample, textTasks } from './text-examples.ts';

const SEED = 2024;
const BATCH = 64;
/**
 * What a stretch of the training shows: the share of look-up batches, how often those ask whether something is there, and
 * what the other batches hold.
 */
const stretches = [
  { until: 800, lookups: 1, presence: 0.3, others: 'easy' },
  { until: 1250, lookups: 1, presence: 0.7, others: 'easy' },
  { until: 2750, lookups: 0.4, presence: 0.6, others: 'easy' },
  { until: Number.POSITIVE_INFINITY, lookups: 0.2, presence: 0.6, others: 'full' },
] as const;

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    state: { type: 'string' },
    steps: { type: 'string', default: '7000' },
    threads: { type: 'string', default: '1' },
  },
});
if (options.model === undefined || options.state === undefined) throw new Error('--model and --state are needed');

writeJsonAtomic(`${options.model}/config.json`, {
  architectures: ['T5ForConditionalGeneration'],
  model_type: 't5',
  vocab_size: 2048,
  d_model: 192,
  d_kv: 32,
  d_ff: 512,
  num_layers: 3,
  num_decoder_layers: 3,
  num_heads: 6,
  relative_attention_num_buckets: 32,
  relative_attention_max_distance: 128,
  dropout_rate: 0.1,
  layer_norm_epsilon: 1e-6,
  feed_forward_proj: 'relu',
  tie_word_embeddings: true,
  is_encoder_decoder: true,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
});
const config = readT5Config(options.model);
const tokenizer = loadTokenizer(options.model);

const backbone = new FreshBackbone();
const [batch, text, bags] = [named('batch'), named('text'), named('bags')];
const [target, counted] = [named('target'), named('counted')];
const source = addDims(text, bags);
const words = wordEmbeddings(backbone, config, input('ids', 'int64', [batch, text]));
const bagWords = wordEmbeddings(backbone, config, input('bagIds', 'int64', [batch, bags, BAG_WORDS]));
const shares = input('bagShares', 'float32', [batch, bags, BAG_WORDS, 1]);
const unscaled = constant(Array<number>(config.width).fill(1), [config.width]);
const bagStates = rmsNorm(reduceSum(multiply(bagWords, shares), [2]), unscaled, config.epsilon);
const mask = input('mask', 'float32', [batch, source]);
const encoded = encode(backbone, config, {
  states: concat([words, bagStates], 1),
  mask,
  buckets: input('buckets', 'int64', [source, source]),
});
const { loss } = sequenceLoss(backbone, config, encoded, mask, {
  ids: input('targetIds', 'int64', [batch, target]),
  buckets: input('targetBuckets', 'int64', [target, target]),
  counted: input('counted', 'int64', [counted]),
  labels: input('labels', 'int64', [counted]),
  weights: input('weights', 'float32', [counted]),
});

/** Pads examples to their own longest; the loss is the mean over all target tokens. */
function feedsOf(examples: readonly TextExample[]): Record<string, Value> {
  const textLength = Math.max(...examples.map(({ ids }) => ids.length));
  const bagCount = Math.max(1, ...examples.map((example) => example.bags.length));
  const length = textLength + bagCount;
  const bagIds = new BigInt64Array(examples.length * bagCount * BAG_WORDS);
  const bagShares = new Float32Array(bagIds.length);
  const maskData = new Float32Array(examples.length * length);
  examples.forEach((example, i) => {
    maskData.fill(1, i * length, i * length + example.ids.length);
    example.bags.forEach((bag, j) => {
      maskData[i * length + textLength + j] = 1;
      bag.forEach(({ id, share }, k) => {
        bagIds[(i * bagCount + j) * BAG_WORDS + k] = BigInt(id);
        bagShares[(i * bagCount + j) * BAG_WORDS + k] = share;
      });
    });
  });
  const texts = examples.map(({ ids }) => ids);
  const targets = examples.map((example) => ({ ids: example.target, score: 1 }));
  return {
    ids: paddedIds(texts, textLength, config.padId),
    bagIds: { data: bagIds, shape: [examples.length, bagCount, BAG_WORDS] },
    bagShares: { data: bagShares, shape: [examples.length, bagCount, BAG_WORDS, 1] },
    mask: { data: maskData, shape: [examples.length, length] },
    buckets: { data: encoderBuckets(config, length, textLength), shape: [length, length] },
    ...targetFeeds(config, targets, tokenWeights('caption', targets)),
  };
}

const tasks = Object.keys(textTasks) as TextTask[];

const stretchOf = (step: number) => stretches.find(({ until }) => step < until)!;

/** How hard the scenes of a step are. */
function stageOf(step: number): Stage {
  const { lookups, others } = stretchOf(step);
  return new Random(SEED, 'stage', step).chance(lookups) ? 'lookup' : others;
}

/** The task of a step: every batch has one, so that lengths agree and padding is short. */
function taskOf(step: number, stage: Stage): TextTask {
  const random = new Random(SEED, 'task', step);
  if (stage === 'lookup') return random.chance(0.25) ? 'tellBags' : 'askBags';
  return tasks[weighted(random, Object.values(textTasks))]!;
}

/** Spreads as T5's own initialiser has them; each weight also learns in proportion to its spread (Adafactor's rule). */
function spreadOf(name: string): number {
  if (name === 'shared.weight') return 1;
  if (name.endsWith('.q.weight')) return (config.width * config.headWidth) ** -0.5;
  if (name.endsWith('.o.weight')) return (config.heads * config.headWidth) ** -0.5;
  if (name.endsWith('.wo.weight')) return config.feedForwardWidth ** -0.5;
  return config.width ** -0.5;
}

/**
 * T5's own spreads; and in half the heads queries and keys start out alike, so that a word attends to places that hold
 * the same word before anything is learned. Without it, comparing a question with a scene took thousands of steps.
 */
function startOf(name: string): Start {
  if (name.includes('norm')) return { constant: 1 };
  const spread = spreadOf(name);
  if (!name.endsWith('.k.weight')) return { spread };
  const values = (config.heads * config.headWidth * config.width) / 2;
  return { spread, alike: { to: name.replace('.k.', '.q.'), values } };
}

await pretrain({
  folder: options.model,
  stateFolder: options.state,
  seed: keyOf(SEED, 't5'),
  steps: Number(options.steps),
  rate: warmCosine(1e-3, 200, Number(options.steps)),
  rateFactor: (name) => Math.min(4, spreadOf(name) / config.width ** -0.5),
  decays: () => false,
  optimiser: { betas: [0.9, 0.98], epsilon: 1e-8, weightDecay: 0, epsilonPlacement: 'corrected' },
  clipNorm: 1,
  start: startOf,
  threads: Number(options.threads),
  backbone,
  loss,
  watched: {},
  batch: (step) => {
    const stage = stageOf(step);
    const task = taskOf(step, stage);
    const { presence } = stretchOf(step);
    const examples = Array.from({ length: BATCH }, (_, i) =>
      textExample(tokenizer, task, { stage, presence }, SEED, step, i),
    );
    return { feeds: feedsOf(examples), label: `${stage}.${task}` };
  },
  logEvery: 50,
  saveEvery: 250,
});
