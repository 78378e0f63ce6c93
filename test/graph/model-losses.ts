/** The losses of tiny models in test/golden by all of their weights, as test/models differentiates them. */
import { named } from '../../engine/graph/dim.ts';
import { multiply, sumAll } from '../../engine/graph/ops/elementwise.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { readClipConfig } from '../../engine/models/clip/config.ts';
import { contrastiveLoss } from '../../engine/models/clip/contrast.ts';
import { gridTokens, pooledEmbedding, resnetGrids } from '../../engine/models/clip/resnet.ts';
import { readResnetConfig } from '../../engine/models/clip/resnet-config.ts';
import { textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import { imageEmbedding, visionStates } from '../../engine/models/clip/vision.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { encode, wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { sequenceLoss } from '../../engine/models/t5/sequence-loss.ts';
import { golden } from '../models/reference.ts';
import { lossInputs } from '../models/t5-case.ts';

const [batch, text] = [named('batch'), named('text')];

interface ModelLoss {
  readonly loss: Tensor;
  readonly weights: readonly Tensor[];
}

function t5Loss(): ModelLoss {
  const { folder, checkpoint } = golden('t5-tiny');
  const [config, backbone] = [readT5Config(folder), new CheckpointBackbone(checkpoint(), { trainable: () => true })];
  const mask = input('mask', 'float32', [batch, text]);
  const states = wordEmbeddings(backbone, config, input('ids', 'int64', [batch, text]));
  const encoded = encode(backbone, config, { states, mask, buckets: input('buckets', 'int64', [text, text]) });
  const { loss } = sequenceLoss(backbone, config, encoded, mask, lossInputs());
  return { loss, weights: [...backbone.trained.values()] };
}

function clipLoss(): ModelLoss {
  const { folder, checkpoint } = golden('clip-tiny');
  const [config, backbone] = [readClipConfig(folder), new CheckpointBackbone(checkpoint(), { trainable: () => true })];
  const { imageSize } = config.vision;
  const ends = input('ends', 'int64', [batch]);
  const pictures = visionStates(backbone, config, input('pixels', 'float32', [batch, 3, imageSize, imageSize]));
  const captions = textStates(backbone, config, {
    ids: input('ids', 'int64', [batch, text]),
    causal: input('causal', 'float32', [text, text]),
    ends,
  });
  const image = imageEmbedding(backbone, config, pictures.at(-1)!);
  const caption = textEmbedding(backbone, config, captions.at(-1)!, ends);
  const diagonal = input('diagonal', 'int64', [batch]);
  const target = { diagonal, weights: input('weights', 'float32', [batch]) };
  const { loss } = contrastiveLoss(backbone, image, caption, target);
  return { loss, weights: [...backbone.trained.values()] };
}

function resnetLoss(): ModelLoss {
  const { folder, checkpoint } = golden('clip-resnet-7x7');
  const config = readResnetConfig(folder);
  const backbone = new CheckpointBackbone(checkpoint(), { trainable: (name) => !name.includes('running_') });
  const { imageSize } = config.vision;
  const grids = resnetGrids(backbone, config, input('pixels', 'float32', [batch, 3, imageSize, imageSize]));
  const embedding = pooledEmbedding(backbone, config, gridTokens(grids.at(-1)!));
  const loss = sumAll(multiply(embedding, input('direction', 'float32', [batch, config.projectionWidth])));
  return { loss, weights: [...backbone.trained.values()] };
}

export const modelLosses: Readonly<Record<string, () => ModelLoss>> = {
  T5: t5Loss,
  CLIP: clipLoss,
  'CLIP ResNet': resnetLoss,
};
