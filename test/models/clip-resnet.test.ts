/** CLIP's ResNet against open_clip: tiny ones number by number, the published ones by the shapes of their weights. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { named } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { Dropout } from '../../engine/graph/ops/dropout.ts';
import { multiply, sumAll } from '../../engine/graph/ops/elementwise.ts';
import { matmul } from '../../engine/graph/ops/matmul.ts';
import { elementsOf } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { type Backbone, CheckpointBackbone } from '../../engine/models/backbone.ts';
import { gridTokens, pooledEmbedding, resnetGrids } from '../../engine/models/clip/resnet.ts';
import { layerGrid, type ResnetClipConfig, readResnetConfig } from '../../engine/models/clip/resnet-config.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { adaptiveMaxPool } from '../../engine/vision-language/image-encoder.ts';
import { OPEN_CLIP_CONFIG_FILE } from '../../engine/weights/layout.ts';
import { compared } from '../fidelity/compared.ts';
import { runGraph } from '../graph/run-graph.ts';
import { compareGradient } from './clip-gradient.ts';
import { type Golden, golden, hashedPixels } from './reference.ts';

interface ResnetReference {
  readonly versions: { readonly open_clip_torch: string; readonly torch: string };
}

interface Model extends Golden<ResnetReference> {
  readonly name: string;
  readonly config: ResnetClipConfig;
}

const BATCH = 2;
const models = ['clip-resnet-7x7', 'clip-resnet-9x9'].map((name): Model => {
  const files = golden<ResnetReference>(name);
  return { ...files, name, config: readResnetConfig(files.folder) };
});
const { versions } = models[0]!.reference;
const subject = { area: 'CLIP', against: `open_clip_torch ${versions.open_clip_torch}`, measure: 'relative' } as const;

const isStatistic = (name: string): boolean => /running_(mean|var)$/.test(name);

interface Outputs {
  readonly grids: readonly Tensor[];
  readonly tokens: Tensor;
  readonly embedding: Tensor;
}

function build(backbone: Backbone, config: ResnetClipConfig): Outputs {
  const { imageSize } = config.vision;
  const grids = resnetGrids(backbone, config, input('pixels', 'float32', [named('batch'), 3, imageSize, imageSize]));
  const tokens = gridTokens(grids.at(-1)!);
  return { grids, tokens, embedding: pooledEmbedding(backbone, config, tokens) };
}

function pixels({ imageSize }: ResnetClipConfig['vision']): Value {
  return { data: hashedPixels(BATCH * 3 * imageSize ** 2), shape: [BATCH, 3, imageSize, imageSize] };
}

/** Every fourth row and column of a grid [batch, channels, side, side]. */
function sampled({ data, shape }: Value): number[] {
  const [, , height, width] = shape as [number, number, number, number];
  return [...(data as Float32Array)].filter(
    (_, i) => (Math.floor(i / width) % height) % 4 === 0 && (i % width) % 4 === 0,
  );
}

compared(
  {
    ...subject,
    what: 'ResNet: stem, every layer, layer 4 as tokens, attention pooling; 7 x 7 and 9 x 9 cells',
    allowed: 1e-5,
  },
  async (differences) => {
    for (const { name, config, checkpoint, expected } of models) {
      const { grids, tokens, embedding } = build(new CheckpointBackbone(checkpoint()), config);
      const [stem, layer1, layer2, layer3] = grids as [Tensor, Tensor, Tensor, Tensor];
      const results = await runGraph(
        { stem, layer1, layer2, layer3, tokens, embedding },
        { pixels: pixels(config.vision) },
      );
      for (const [output, value] of Object.entries(results)) {
        const actual = value.shape.length === 4 ? sampled(value) : (value.data as Float32Array);
        differences.values(actual, expected(`expected.${output}`), `${name}, ${output}`);
      }
    }
  },
);

compared(
  { ...subject, what: 'ResNet: gradient of every weight of the image tower', allowed: 1e-4 },
  async (differences) => {
    for (const model of models) {
      const { name, config, checkpoint, expected, names } = model;
      const weights = checkpoint();
      const backbone = new CheckpointBackbone(weights, { trainable: (weight) => !isStatistic(weight) });
      const direction = input('direction', 'float32', [named('batch'), config.projectionWidth]);
      const loss = sumAll(multiply(build(backbone, config).embedding, direction));
      const trained = [...backbone.trained.keys()];
      const gradients = gradient(loss, [...backbone.trained.values()]);
      const results = await runGraph(
        { loss, ...Object.fromEntries(trained.map((weight, i) => [`grad.${weight}`, gradients[i]!])) },
        {
          pixels: pixels(config.vision),
          direction: { data: expected('input.direction'), shape: [BATCH, config.projectionWidth] },
          ...Object.fromEntries(
            trained.map((weight) => [weight, { data: weights.floats(weight), shape: weights.tensor(weight).shape }]),
          ),
        },
      );
      differences.values(results.loss!.data as Float32Array, expected('expected.loss'), `${name}, loss`);
      const wanted = names.filter((tensor) => tensor.startsWith('grad.'));
      expect(trained.map((weight) => `grad.${weight}`).sort()).toEqual(wanted.sort());
      for (const tensor of wanted) {
        compareGradient(differences, results[tensor]!.data as Float32Array, model, tensor);
      }
    }
  },
);

compared(
  {
    ...subject,
    what: 'tokens of 7 x 7 and 9 x 9 cells pooled to 6 x 6',
    against: `torch ${versions.torch.replace(/\+.*/, '')}`,
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    for (const { name, config, expected } of models) {
      const { side, width } = layerGrid(config, 4);
      const size = side * side * width;
      const tokens = expected('expected.tokens');
      for (let picture = 0; picture < BATCH; picture += 1) {
        const own = tokens.subarray(picture * size, (picture + 1) * size);
        const pooled = expected('expected.pooled').subarray(picture * 36 * width, (picture + 1) * 36 * width);
        differences.same(adaptiveMaxPool(own, side, width, 6), pooled, `${name}, picture ${picture}`);
      }
    }
  },
);

interface Published {
  readonly model_cfg: unknown;
  readonly tensors: number;
  readonly sha256: string;
  readonly visual_parameters: number;
}

const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'golden', 'clip-resnet-published.json'), 'utf8'),
) as { readonly models: Readonly<Record<string, Published>> };

/** The weights that a graph asks for, by name and shape. */
function weightsOf(config: ResnetClipConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const weight = (name: string, shape: readonly number[]): Tensor => {
    shapes.set(name, shape);
    return input(name, 'float32', shape);
  };
  const linear = (name: string, x: Tensor, out: number, width: number): Tensor =>
    matmul(x, weight(name, [out, width]), { transB: true });
  build({ dropout: new Dropout(0), weight, linear }, config);
  return shapes;
}

compared(
  {
    ...subject,
    what: 'RN50, RN101, RN50x4, RN50x16, RN50x64: names and shapes of all weights of the image tower, parameters',
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    const folder = mkdtempSync(join(tmpdir(), 'dept-resnet-'));
    try {
      for (const [name, { model_cfg, ...expected }] of Object.entries(published.models)) {
        writeFileSync(join(folder, OPEN_CLIP_CONFIG_FILE), JSON.stringify({ model_cfg }));
        const weights = [...weightsOf(readResnetConfig(folder))];
        const lines = weights.map(([weight, shape]) => `${weight} [${shape.join(', ')}]\n`).sort();
        const trained = weights.filter(([weight]) => !isStatistic(weight)).map(([, shape]) => elementsOf(shape));
        const actual = {
          tensors: weights.length,
          sha256: createHash('sha256').update(lines.join('')).digest('hex'),
          visual_parameters: trained.reduce((sum, count) => sum + count, 0),
        };
        for (const key of ['tensors', 'sha256', 'visual_parameters'] as const) {
          differences.same(actual[key], expected[key], `${name}, ${key}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
