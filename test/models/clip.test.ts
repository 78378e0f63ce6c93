import { describe, expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { type ClipConfig, readClipConfig } from '../../engine/models/clip/config.ts';
import { contrastiveLoss, unit } from '../../engine/models/clip/contrast.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import { imageEmbedding, visionStates } from '../../engine/models/clip/vision.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { golden, int64, relativeDifference } from './reference.ts';

const tiny = golden<{ inputs: { input_ids: number[][] }; loss: number }>('clip-tiny');
const config = readClipConfig(tiny.folder);
const ids = tiny.reference.inputs.input_ids;
const [count, length] = [ids.length, ids[0]!.length];

function build(backbone: CheckpointBackbone, clip: ClipConfig): Record<string, Tensor> {
  const [batch, text] = [named('batch'), named('text')];
  const { imageSize } = clip.vision;
  const ends = input('ends', 'int64', [batch]);
  const vision = visionStates(backbone, clip, input('pixels', 'float32', [batch, 3, imageSize, imageSize]));
  const causal = input('causal', 'float32', [text, text]);
  const words = textStates(backbone, clip, { ids: input('ids', 'int64', [batch, text]), causal, ends });
  const outputs: Record<string, Tensor> = {};
  vision.forEach((state, i) => {
    outputs[`vision.hidden.${i}`] = state;
  });
  words.forEach((state, i) => {
    outputs[`text.hidden.${i}`] = state;
  });
  const image = imageEmbedding(backbone, clip, vision.at(-1)!);
  const caption = textEmbedding(backbone, clip, words.at(-1)!, ends);
  const { loss, logitsPerImage } = contrastiveLoss(backbone, image, caption, {
    diagonal: input('diagonal', 'int64', [batch]),
    weights: input('weights', 'float32', [batch]),
  });
  return {
    ...outputs,
    'vision.projected': image,
    'text.projected': caption,
    image_embeds: unit(image),
    text_embeds: unit(caption),
    logits_per_image: logitsPerImage,
    loss,
  };
}

function feeds(): Record<string, Value> {
  const { imageSize } = config.vision;
  return {
    pixels: { data: tiny.expected('input.pixel_values') as Float32Array, shape: [count, 3, imageSize, imageSize] },
    ids: int64(ids),
    causal: { data: causalBias(length), shape: [length, length] },
    ends: { data: endPositions(ids, length, config.text.eosId), shape: [count] },
    diagonal: { data: BigInt64Array.from(ids, (_, i) => BigInt(i)), shape: [count] },
    weights: { data: new Float32Array(count).fill(1 / count), shape: [count] },
  };
}

async function gradients(clip: ClipConfig): Promise<Record<string, Value>> {
  const backbone = new CheckpointBackbone(tiny.checkpoint(), { trainable: () => true });
  const { loss, logits_per_image } = build(backbone, clip);
  const outputs: Record<string, Tensor> = { loss: loss!, logits_per_image: logits_per_image! };
  gradient(loss!, [...backbone.trained.values()]).forEach((tensor, i) => {
    outputs[`grad.${[...backbone.trained.keys()][i]}`] = tensor;
  });
  const session = await Session.create(compile(outputs));
  const checkpoint = tiny.checkpoint();
  const weights: Record<string, Value> = {};
  for (const name of backbone.trained.keys()) {
    weights[name] = { data: checkpoint.floats(name), shape: checkpoint.tensor(name).shape };
  }
  return session.run({ ...feeds(), ...weights });
}

describe('CLIP (ViT and text tower) against transformers', () => {
  test('hidden states of every layer, embeddings, logits', async () => {
    const outputs = build(new CheckpointBackbone(tiny.checkpoint()), config);
    const results = await (await Session.create(compile(outputs))).run(feeds());
    for (const [name, { data }] of Object.entries(results)) {
      expect(relativeDifference(data as Float32Array, tiny.expected(`expected.${name}`)), name).toBeLessThan(1e-5);
    }
  });

  test('the end-of-text rule of old checkpoints takes the highest id', () => {
    expect(
      endPositions(
        [
          [27, 5, 28, 1],
          [27, 29, 28, 1],
        ],
        4,
        2,
      ),
    ).toEqual(BigInt64Array.of(2n, 5n));
    expect(
      endPositions(
        [
          [27, 5, 28, 1],
          [27, 29, 28, 1],
        ],
        4,
        28,
      ),
    ).toEqual(BigInt64Array.of(2n, 6n));
  });

  test('contrastive loss and the gradient of every weight', async () => {
    const results = await gradients(config);
    expect(Math.abs((results.loss!.data[0] as number) - tiny.reference.loss)).toBeLessThan(1e-5);
    const wanted = tiny.names.filter((name) => name.startsWith('grad.'));
    expect(Object.keys(results).filter((name) => name.startsWith('grad.')).length).toBe(wanted.length);
    for (const name of wanted) {
      // a key bias shifts all scores of a query alike: its true gradient is zero and both sides hold rounding noise
      const scale = name.endsWith('k_proj.bias')
        ? Math.max(...tiny.expected(name.replace('.bias', '.weight')).map(Math.abs))
        : 0;
      const actual = results[name]!.data as Float32Array;
      if (scale > 0) expect(Math.max(...actual.map(Math.abs)) / scale, name).toBeLessThan(1e-4);
      else expect(relativeDifference(actual, tiny.expected(name)), name).toBeLessThan(1e-4);
    }
  });

  test('the same with exact gelu', async () => {
    const exact = {
      vision: { ...config.vision, activation: 'gelu' },
      text: { ...config.text, activation: 'gelu' },
    } as const;
    const results = await gradients({ ...config, ...exact });
    for (const name of tiny.names.filter((candidate) => candidate.startsWith('gelu.'))) {
      const own = name.replace('gelu.', '').replace('expected.', '');
      const difference = relativeDifference(results[own]!.data as Float32Array, tiny.expected(name));
      expect(difference, name).toBeLessThan(1e-4);
    }
  });
});
