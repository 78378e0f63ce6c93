/**
 * Trains the bundled CLIP from nothing, by contrast on drawn scenes and their captions.
 * `node assets/pretraining/pretrain-clip.ts --model DIR --state DIR [--steps N]`
 *
 * A batch is made of groups: one scene, and copies in which one shape, colour or place has changed. Only a model that
 * sees exactly that can tell their captions apart.
 */
import { parseArgs } from 'node:util';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { keyOf, Random } from '../../engine/common/random.ts';
import { caption } from '../../engine/data/scenes/captions.ts';
import { contrastGroup, differences } from '../../engine/data/scenes/contrast.ts';
import { renderScene } from '../../engine/data/scenes/render.ts';
import { pretrainingScenes } from '../../engine/data/scenes/scene.ts';
import { weighted } from '../../engine/data/scenes/weighted.ts';
import { named } from '../../engine/graph/dim.ts';
import { input } from '../../engine/graph/sources.ts';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { contrastiveLoss } from '../../engine/models/clip/contrast.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import { imageEmbedding, visionStates } from '../../engine/models/clip/vision.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { paddedIds } from '../../engine/vision-language/clip-t5.ts';
import { FreshBackbone, type Start } from './fresh-backbone.ts';
import { pretrain, warmCosine } from './pretrain.ts';

const SEED = 2025;
const IMAGE_SIZE = 64;
const LONGEST_CAPTION = 32;
/**
 * Pictures in a batch and what they show, stretch by stretch. Many small batches teach shapes sooner than few large ones;
 * large ones at the end teach the rest.
 */
const stretches = [
  { until: 750, stage: 'simple', batch: 128 },
  { until: 3000, stage: 'simple', batch: 45 },
  { until: 5500, stage: 'full', batch: 64 },
  { until: Number.POSITIVE_INFINITY, stage: 'full', batch: 64 },
] as const;

type Stage = 'simple' | 'full';

/** Captions of the look alone. */
const PLAIN = { look: true, size: false, place: false, ground: false };

/**
 * What the groups of a batch differ in, in the order of `differences`. Colours are seen at once and shapes are not: in
 * batches of unrelated scenes a small transformer learns to tell colours and little else, so most groups differ in shape.
 * `least` is the smallest radius, in the picture's side: what a shape is shows first where it spans several patches.
 */
const stages = {
  simple: {
    scenes: { variety: 'moderate', objects: [1] },
    shares: [0.1, 0.8, 0.1, 0, 0],
    size: 9,
    least: 0.14,
    mention: PLAIN,
  },
  full: { scenes: pretrainingScenes, shares: [0.15, 0.55, 0.15, 0.1, 0.05], size: 8, least: 0, mention: {} },
} as const;

/** Pixels in 0..1 to about -1..1; also written into preprocessor_config.json. */
const MEAN = 0.5;
const DEVIATION = 0.3;

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    state: { type: 'string' },
    steps: { type: 'string', default: '16000' },
    threads: { type: 'string', default: '1' },
  },
});
if (options.model === undefined || options.state === undefined) throw new Error('--model and --state are needed');

writeJsonAtomic(`${options.model}/config.json`, {
  architectures: ['CLIPModel'],
  model_type: 'clip',
  projection_dim: 128,
  logit_scale_init_value: 2.6592,
  vision_config: {
    model_type: 'clip_vision_model',
    hidden_size: 128,
    intermediate_size: 384,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    image_size: IMAGE_SIZE,
    patch_size: 8,
    num_channels: 3,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    projection_dim: 128,
  },
  text_config: {
    model_type: 'clip_text_model',
    hidden_size: 128,
    intermediate_size: 384,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    vocab_size: 2048,
    max_position_embeddings: 48,
    hidden_act: 'quick_gelu',
    layer_norm_eps: 1e-5,
    projection_dim: 128,
    bos_token_id: 2046,
    eos_token_id: 2047,
    pad_token_id: 2047,
  },
});
writeJsonAtomic(`${options.model}/preprocessor_config.json`, {
  image_processor_type: 'CLIPImageProcessor',
  do_convert_rgb: true,
  do_resize: true,
  size: { shortest_edge: IMAGE_SIZE },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: IMAGE_SIZE, width: IMAGE_SIZE },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [MEAN, MEAN, MEAN],
  image_std: [DEVIATION, DEVIATION, DEVIATION],
});
const config = readClipConfig(options.model);
const tokenizer = loadTokenizer(options.model);

const backbone = new FreshBackbone();
const [batch, text] = [named('batch'), named('text')];
const pixels = input('pixels', 'float32', [batch, 3, IMAGE_SIZE, IMAGE_SIZE]);
const ends = input('ends', 'int64', [batch]);
const pictures = imageEmbedding(backbone, config, visionStates(backbone, config, pixels).at(-1)!);
const wordStates = textStates(backbone, config, {
  ids: input('ids', 'int64', [batch, text]),
  causal: input('causal', 'float32', [text, text]),
  ends,
});
const { loss } = contrastiveLoss(backbone, pictures, textEmbedding(backbone, config, wordStates.at(-1)!, ends), {
  diagonal: input('diagonal', 'int64', [batch]),
  weights: input('weights', 'float32', [batch]),
});

interface Pair {
  readonly picture: Uint8Array;
  readonly caption: readonly number[];
}

/** Scenes that differ in one respect, and captions that say it. */
function drawGroup(random: Random, stage: Stage): Pair[] {
  const { scenes: options, shares, size, least } = stages[stage];
  const difference = differences[weighted(random, shares)]!;
  const { scenes, mention } = contrastGroup(random, options, size, difference);
  if (scenes.some(({ objects }) => objects.some(({ radius }) => radius < least))) return drawGroup(random, stage);
  return scenes.map((scene) => {
    const text = caption(scene, random, {
      variety: options.variety,
      mention: { ...stages[stage].mention, ...mention },
    });
    return {
      picture: renderScene(scene, IMAGE_SIZE),
      caption: tokenizer.encode(text, { maxLength: LONGEST_CAPTION }),
    };
  });
}

/** Groups until the batch is full; the last one may be cut. */
function drawBatch(step: number): Pair[] {
  const random = new Random(SEED, 'batch', step);
  const { stage, batch: size } = stretches.find(({ until }) => step < until)!;
  const pairs: Pair[] = [];
  while (pairs.length < size) pairs.push(...drawGroup(random, stage));
  return pairs.slice(0, size);
}

function pixelsOf(pairs: readonly Pair[]): Float32Array {
  const area = IMAGE_SIZE * IMAGE_SIZE;
  const values = new Float32Array(pairs.length * 3 * area);
  pairs.forEach(({ picture }, i) => {
    for (let channel = 0; channel < 3; channel += 1) {
      const base = (i * 3 + channel) * area;
      for (let at = 0; at < area; at += 1) {
        values[base + at] = (picture[at * 3 + channel]! / 255 - MEAN) / DEVIATION;
      }
    }
  });
  return values;
}

function batchOf(step: number) {
  const pairs = drawBatch(step);
  const rows = pairs.map((pair) => pair.caption);
  const length = Math.max(...rows.map((row) => row.length));
  return {
    label: 'contrast',
    feeds: {
      pixels: { data: pixelsOf(pairs), shape: [rows.length, 3, IMAGE_SIZE, IMAGE_SIZE] },
      ids: paddedIds(rows, length, tokenizer.padId),
      causal: { data: causalBias(length), shape: [length, length] },
      ends: { data: endPositions(rows, length, config.text.eosId), shape: [rows.length] },
      diagonal: { data: BigInt64Array.from(rows, (_, i) => BigInt(i)), shape: [rows.length] },
      weights: { data: new Float32Array(rows.length).fill(1 / rows.length), shape: [rows.length] },
    },
  };
}

/**
 * First position embeddings of the vision tower: sines and cosines of row and column, so that near patches are alike and
 * place is as loud as content. From small random ones it took the model very long to see shapes.
 */
function gridPositions(side: number, width: number): Float32Array {
  const values = new Float32Array((side * side + 1) * width);
  const waves = width / 4;
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const base = (1 + row * side + column) * width; // the class token, first, has no place
      for (let wave = 0; wave < waves; wave += 1) {
        const frequency = (Math.PI / 2) * side ** (-wave / waves);
        values.set([Math.sin(row * frequency), Math.cos(row * frequency)], base + 4 * wave);
        values.set([Math.sin(column * frequency), Math.cos(column * frequency)], base + 4 * wave + 2);
      }
    }
  }
  return values.map((value) => 0.7 * value);
}

const norms = /layer_?norm|layrnorm/;

function startOf(name: string, shape: readonly number[]): Start {
  if (name === 'logit_scale') return { constant: 2.6592 };
  if (name.endsWith('.bias')) return { constant: 0 };
  if (norms.test(name)) return { constant: 1 };
  if (name === 'vision_model.embeddings.position_embedding.weight') {
    return { values: gridPositions(IMAGE_SIZE / config.vision.patchSize, config.vision.width) };
  }
  if (name.includes('class_embedding')) return { spread: config.vision.width ** -0.5 };
  if (name.includes('position_embedding')) return { spread: 0.1 };
  if (name.includes('token_embedding')) return { spread: 0.5 };
  const fan = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const spread = name.includes('out_proj') || name.includes('fc2') ? (8 * fan) ** -0.5 : fan ** -0.5;
  if (!name.endsWith('k_proj.weight')) return { spread };
  // half the heads start by attending to what is alike, which for patches means: to what is near
  return { spread, alike: { to: name.replace('k_proj', 'q_proj'), values: (fan * fan) / 2 } };
}

/** The last stretch raises the rate once more: the one before had ended too low to learn all that the scenes offer. */
function rateAt(step: number): number {
  const [first, , third] = stretches;
  if (step < first.until) return warmCosine(1e-3, 200, 4000)(step);
  if (step < third.until) return warmCosine(1e-3, 0, third.until)(step);
  return warmCosine(6e-4, 50, Number(options.steps) - third.until)(step - third.until);
}

await pretrain({
  folder: options.model,
  stateFolder: options.state,
  seed: keyOf(SEED, 'clip'),
  steps: Number(options.steps),
  rate: rateAt,
  decays: (name) => name.endsWith('.weight') && !norms.test(name) && !name.includes('embedding'),
  optimiser: { betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.02, epsilonPlacement: 'corrected' },
  clipNorm: 1,
  start: startOf,
  limit: { logit_scale: Math.log(100) },
  threads: Number(options.threads),
  backbone,
  loss,
  watched: {},
  batch: batchOf,
  logEvery: 50,
  saveEvery: 250,
});
