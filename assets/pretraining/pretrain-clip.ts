/**
 * Trains the bundled CLIP from nothing, by contrast on drawn scenes and their captions.
 * `node assets/pretraining/pretrain-clip.ts --model DIR --state DIR [--steps N]`
 *
 * A batch is made of groups of near twins: one scene, and copies in which one colour, shape or place has changed. Only a
 * model that sees exactly that can tell their captions apart.
 */
import { parseArgs } from 'node:util';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import { keyOf, Random } from '../../engine/common/random.ts';
import { captions } from '../../engine/data/scenes/captions.ts';
import { renderScene } from '../../engine/data/scenes/render.ts';
import { pretrainingScenes, sampleScene } from '../../engine/data/scenes/scene.ts';
import { named } from '../../engine/graph/dim.ts';
import { input } from '../../engine/graph/sources.ts';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { contrastiveLoss } from '../../engine/models/clip/contrast.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import { imageEmbedding, visionStates } from '../../engine/models/clip/vision.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { FreshBackbone } from './fresh-backbone.ts';
import { pretrain } from './pretrain.ts';
import { twinOf } from './twins.ts';

const SEED = 2025;
const BATCH = 128;
/** Scenes in a group of near twins. */
const GROUP = 4;
const IMAGE_SIZE = 64;
const LONGEST_CAPTION = 32;
/** Pictures are drawn once and shown several times, each time with another of their captions. */
const POOL = 24_576;
const CAPTIONS_EACH = 4;
/** Pixels in 0..1 to about -1..1; also written into preprocessor_config.json. */
const MEAN = 0.5;
const DEVIATION = 0.3;

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    state: { type: 'string' },
    steps: { type: 'string', default: '3000' },
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
  readonly captions: readonly (readonly number[])[];
}

/** Pictures and captions number `first` to `first + GROUP - 1`: a scene and its near twins. */
function drawGroup(first: number): Pair[] {
  const random = new Random(SEED, 'group', first);
  const scene = sampleScene(random, pretrainingScenes);
  const group = [scene, ...Array.from({ length: GROUP - 1 }, () => twinOf(random, scene))];
  return group.map((one) => {
    const texts = captions(one, random, CAPTIONS_EACH, { variety: 'wide' });
    const encoded = texts.map((caption) => tokenizer.encode(caption, { maxLength: LONGEST_CAPTION }));
    return { picture: renderScene(one, IMAGE_SIZE), captions: encoded };
  });
}

const groups = new Map<number, Pair[]>();

function groupAt(index: number): Pair[] {
  const known = groups.get(index) ?? drawGroup(index * GROUP);
  groups.set(index, known);
  return known;
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
  const random = new Random(SEED, 'batch', step);
  const pairs = Array.from({ length: BATCH / GROUP }, () => groupAt(random.below(POOL / GROUP))).flat();
  const rows = pairs.map((pair) => random.pick(pair.captions));
  const length = Math.max(...rows.map((row) => row.length));
  const ids = new BigInt64Array(BATCH * length).fill(BigInt(tokenizer.padId));
  rows.forEach((row, i) => {
    row.forEach((id, j) => {
      ids[i * length + j] = BigInt(id);
    });
  });
  return {
    label: 'contrast',
    feeds: {
      pixels: { data: pixelsOf(pairs), shape: [BATCH, 3, IMAGE_SIZE, IMAGE_SIZE] },
      ids: { data: ids, shape: [BATCH, length] },
      causal: { data: causalBias(length), shape: [length, length] },
      ends: { data: endPositions(rows, length, config.text.eosId), shape: [BATCH] },
      diagonal: { data: BigInt64Array.from(rows, (_, i) => BigInt(i)), shape: [BATCH] },
      weights: { data: new Float32Array(BATCH).fill(1 / BATCH), shape: [BATCH] },
    },
  };
}

const norms = /layer_?norm|layrnorm/;

await pretrain({
  folder: options.model,
  stateFolder: options.state,
  seed: keyOf(SEED, 'clip'),
  steps: Number(options.steps),
  warmupSteps: 200,
  peakRate: 1e-3,
  decays: (name) => name.endsWith('.weight') && !norms.test(name) && !name.includes('embedding'),
  optimiser: { betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.02, epsilonPlacement: 'corrected' },
  clipNorm: 1,
  start: (name, shape) => {
    if (name === 'logit_scale') return { constant: 2.6592 };
    if (name.endsWith('.bias')) return { constant: 0 };
    if (norms.test(name)) return { constant: 1 };
    if (name.includes('position_embedding') || name.includes('token_embedding')) return { spread: 0.02 };
    if (name.includes('class_embedding')) return { spread: 128 ** -0.5 };
    const residual = name.includes('out_proj') || name.includes('fc2') ? 8 ** -0.5 : 1;
    return { spread: shape.slice(1).reduce((product, extent) => product * extent, 1) ** -0.5 * residual };
  },
  limit: { logit_scale: Math.log(100) },
  threads: Number(options.threads),
  backbone,
  loss,
  watched: {},
  batch: batchOf,
  logEvery: 50,
  saveEvery: 250,
});
