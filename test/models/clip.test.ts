import { expect, test } from 'vitest';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { type ClipConfig, readClipConfig } from '../../engine/models/clip/config.ts';
import { contrastiveLoss, unit } from '../../engine/models/clip/contrast.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import { imageEmbedding, visionStates } from '../../engine/models/clip/vision.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { runGraph } from '../graph/run-graph.ts';
import { compareGradient } from './clip-gradient.ts';
import { type Golden, golden, hashedPixels, int64 } from './reference.ts';

interface ClipReference {
  readonly inputs: { readonly input_ids: number[][] };
  readonly loss: number;
}

interface Model extends Golden<ClipReference> {
  readonly name: string;
  readonly config: ClipConfig;
}

const models = ['clip-tiny', 'clip-patch8', 'clip-patch14', 'clip-patch16', 'clip-patch32'].map((name): Model => {
  const files = golden<ClipReference>(name);
  return { ...files, name, config: readClipConfig(files.folder) };
});
const tiny = models[0]!;

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

function feeds({ names, expected, reference, config }: Model): Record<string, Value> {
  const ids = reference.inputs.input_ids;
  const [count, length] = [ids.length, ids[0]!.length];
  const { imageSize } = config.vision;
  const stored = names.includes('input.pixel_values');
  const pixels = stored ? expected('input.pixel_values') : hashedPixels(count * 3 * imageSize ** 2);
  return {
    pixels: { data: pixels, shape: [count, 3, imageSize, imageSize] },
    ids: int64(ids),
    causal: { data: causalBias(length), shape: [length, length] },
    ends: { data: endPositions(ids, length, config.text.eosId), shape: [count] },
    diagonal: { data: BigInt64Array.from(ids, (_, i) => BigInt(i)), shape: [count] },
    weights: { data: new Float32Array(count).fill(1 / count), shape: [count] },
  };
}

async function run(model: Model): Promise<Record<string, Value>> {
  return runGraph(build(new CheckpointBackbone(model.checkpoint()), model.config), feeds(model));
}

async function gradients(model: Model): Promise<Record<string, Value>> {
  const checkpoint = model.checkpoint();
  const backbone = new CheckpointBackbone(checkpoint, { trainable: () => true });
  const { loss, logits_per_image } = build(backbone, model.config);
  const outputs: Record<string, Tensor> = { loss: loss!, logits_per_image: logits_per_image! };
  gradient(loss!, [...backbone.trained.values()]).forEach((tensor, i) => {
    outputs[`grad.${[...backbone.trained.keys()][i]}`] = tensor;
  });
  const weights: Record<string, Value> = {};
  for (const name of backbone.trained.keys()) {
    weights[name] = { data: checkpoint.floats(name), shape: checkpoint.tensor(name).shape };
  }
  return runGraph(outputs, { ...feeds(model), ...weights });
}

const subject = { area: 'CLIP', against: pinned('transformers'), measure: 'relative' } as const;

compared(
  {
    ...subject,
    what: 'ViT (patches of 4, 8, 14, 16, 32) and text: class token, patch and word tokens of every layer',
    allowed: 1e-5,
  },
  async (differences) => {
    for (const model of models) {
      const results = await run(model);
      const states = model.names.filter((name) => /^expected\.(vision|text)\.hidden/.test(name));
      expect(states).toHaveLength(model.config.vision.layers + model.config.text.layers + 2);
      for (const name of states) {
        const { data } = results[name.replace('expected.', '')]!;
        differences.values(data as Float32Array, model.expected(name), `${model.name} ${name}`);
      }
    }
  },
);

compared(
  {
    ...subject,
    what: 'embeddings, cosines and loss; GELU and quick GELU; both rules of the end of text',
    allowed: 1e-5,
  },
  async (differences) => {
    for (const model of models) {
      const results = await run(model);
      const names = ['vision.projected', 'text.projected', 'image_embeds', 'text_embeds', 'logits_per_image', 'loss'];
      for (const name of names) {
        const { data } = results[name]!;
        differences.values(data as Float32Array, model.expected(`expected.${name}`), `${model.name} ${name}`);
      }
      // what follows the end of a text needs no mask
      const masked = 'expected.text.projected_with_mask';
      if (model.names.includes(masked)) {
        const own = results['text.projected']!.data as Float32Array;
        differences.values(own, model.expected(masked), `${model.name} ${masked}`);
      }
    }
  },
);

compared({ ...subject, what: 'gradient of every weight, logit_scale included', allowed: 1e-4 }, async (differences) => {
  for (const model of models) {
    const results = await gradients(model);
    differences.values(results.loss!.data[0] as number, model.reference.loss, `${model.name} loss`);
    const wanted = model.names.filter((name) => name.startsWith('grad.'));
    expect(wanted).toHaveLength(model.checkpoint().names().length);
    for (const name of wanted) {
      compareGradient(differences, results[name]!.data as Float32Array, model, name);
    }
  }
});

compared({ ...subject, what: 'the same weights under GELU: some gradients', allowed: 1e-4 }, async (differences) => {
  const { vision, text } = tiny.config;
  const config: ClipConfig = {
    ...tiny.config,
    vision: { ...vision, activation: 'gelu' },
    text: { ...text, activation: 'gelu' },
  };
  const results = await gradients({ ...tiny, config });
  for (const name of tiny.names.filter((candidate) => candidate.startsWith('gelu.'))) {
    const own = name.replace('gelu.', '').replace('expected.', '');
    differences.values(results[own]!.data as Float32Array, tiny.expected(name), name);
  }
});

test('the end of a text is the first of its id; under id 2, as old configs have it, the first of the highest id', () => {
  const rows = [
    [27, 5, 28, 28],
    [27, 29, 28, 1],
    [27, 29, 29, 2],
  ];
  expect(endPositions(rows, 4, 28)).toEqual(BigInt64Array.of(2n, 6n, 8n)); // none in the last: its first token
  expect(endPositions(rows, 4, 2)).toEqual(BigInt64Array.of(2n, 5n, 9n));
});
