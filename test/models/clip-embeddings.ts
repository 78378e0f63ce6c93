/** What a CLIP of a model folder computes for the pictures of `hashed_pixels` in golden/common.py and for texts. */
import { input } from '../../engine/graph/sources.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { imageTower, readImageTowerConfig } from '../../engine/models/clip/image-tower.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../../engine/models/clip/text.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { runGraph } from '../graph/run-graph.ts';
import { hashedPixels, int64 } from './reference.ts';

/** `tokens.<layer>`, `vision` and, where the texts are read by a transformer that is known here, `text`. */
export async function clipEmbeddings(
  folder: string,
  ids: readonly (readonly number[])[],
): Promise<Record<string, Float32Array>> {
  const config = readImageTowerConfig(folder);
  const backbone = new CheckpointBackbone(openCheckpoint(folder));
  const tower = imageTower(config);
  const { imageSize } = tower;
  const [count, length] = [ids.length, ids[0]!.length];
  const pixels = input('pixels', 'float32', [count, 3, imageSize, imageSize]);
  const layers = Array.from({ length: tower.layers }, (_, i) => i + 1);
  const built = layers.map((layer) => tower.build(backbone, pixels, layer));
  const outputs: Record<string, Tensor> = {
    ...Object.fromEntries(layers.map((layer, i) => [`tokens.${layer}`, built[i]!.tokens])),
    vision: built[0]!.embedding,
  };
  const feeds: Record<string, Value> = {
    pixels: { data: hashedPixels(count * 3 * imageSize ** 2), shape: pixels.shape as number[] },
  };
  if ('text' in config) {
    const ends = input('ends', 'int64', [count]);
    const causal = input('causal', 'float32', [length, length]);
    const states = textStates(backbone, config, { ids: input('ids', 'int64', [count, length]), causal, ends });
    outputs.text = textEmbedding(backbone, config, states.at(-1)!, ends);
    feeds.ids = int64(ids);
    feeds.causal = { data: causalBias(length), shape: [length, length] };
    feeds.ends = { data: endPositions(ids, length, config.text.eosId), shape: [count] };
  }
  const results = await runGraph(outputs, feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}
