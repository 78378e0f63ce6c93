/** Which weights a model's configuration asks for, with their shapes: its graphs are built without any, and note what they want. */
import { Dropout } from '../graph/ops/dropout.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { input } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Backbone } from '../models/backbone.ts';
import { type ImageTowerConfig, imageTower } from '../models/clip/image-tower.ts';
import { textEmbedding, textStates } from '../models/clip/text.ts';
import type { T5Config } from '../models/t5/config.ts';
import { t5Outputs } from './model-self-test.ts';

export type NeededWeights = ReadonlyMap<string, readonly number[]>;

class NotingBackbone implements Backbone {
  readonly dropout = new Dropout(0);
  readonly needed = new Map<string, readonly number[]>();

  weight(name: string, shape: readonly number[]): Tensor {
    this.needed.set(name, shape);
    return input(name, 'float32', shape);
  }

  linear(name: string, x: Tensor, out: number, width: number): Tensor {
    return matmul(x, this.weight(name, [out, width]), { transB: true });
  }
}

export function weightsOfT5(config: T5Config): NeededWeights {
  const backbone = new NotingBackbone();
  t5Outputs(backbone, config, 1, 1);
  return backbone.needed;
}

/** Of both towers; of a CLIP with a ResNet only the image tower is read here. */
export function weightsOfClip(config: ImageTowerConfig): NeededWeights {
  const backbone = new NotingBackbone();
  const { imageSize, layers, build } = imageTower(config);
  build(backbone, input('pixels', 'float32', [1, 3, imageSize, imageSize]), layers);
  if ('text' in config) {
    const ends = input('ends', 'int64', [1]);
    const causal = input('causal', 'float32', [1, 1]);
    const states = textStates(backbone, config, { ids: input('ids', 'int64', [1, 1]), causal, ends });
    textEmbedding(backbone, config, states.at(-1)!, ends);
  }
  return backbone.needed;
}
