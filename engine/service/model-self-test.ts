/** One small forward pass of a model on its own: a T5 scores a sentence, a CLIP looks at a picture and compares it with texts. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../common/json.ts';
import { compile } from '../graph/compile.ts';
import { input } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Backbone, CheckpointBackbone } from '../models/backbone.ts';
import type { ClipConfig } from '../models/clip/config.ts';
import { unit } from '../models/clip/contrast.ts';
import { imageTower, readImageTowerConfig } from '../models/clip/image-tower.ts';
import { causalBias, endPositions, textEmbedding, textStates } from '../models/clip/text.ts';
import type { T5Config } from '../models/t5/config.ts';
import { encode, wordEmbeddings } from '../models/t5/encoder.ts';
import { openT5 } from '../models/t5/open.ts';
import { decoderBuckets, encoderBuckets } from '../models/t5/positions.ts';
import { sequenceLoss } from '../models/t5/sequence-loss.ts';
import { Session, type Value } from '../runtime/session.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { ImageEncoder } from '../vision-language/image-encoder.ts';
import { preprocessImage } from '../vision-language/image-preprocessing.ts';
import { preprocessingFromConfig } from '../vision-language/preprocessing-config.ts';
import { openCheckpoint } from '../weights/checkpoint.ts';

const int64 = (values: readonly number[], shape: readonly number[]): Value => ({
  data: BigInt64Array.from(values, BigInt),
  shape,
});

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

async function run(outputs: Record<string, Tensor>, feeds: Record<string, Value>): Promise<Record<string, Value>> {
  const session = await Session.create(compile(outputs));
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Encoder states and the loss of one target of `labels` tokens after a source of `words` tokens. */
export function t5Outputs(backbone: Backbone, config: T5Config, words: number, labels: number) {
  const mask = input('mask', 'float32', [1, words]);
  const states = wordEmbeddings(backbone, config, input('ids', 'int64', [1, words]));
  const encoded = encode(backbone, config, { states, mask, buckets: input('buckets', 'int64', [words, words]) });
  const { loss } = sequenceLoss(backbone, config, encoded, mask, {
    ids: input('targetIds', 'int64', [1, labels]),
    buckets: input('targetBuckets', 'int64', [labels, labels]),
    counted: input('counted', 'int64', [labels]),
    labels: input('labels', 'int64', [labels]),
    weights: input('weights', 'float32', [labels]),
  });
  return { encoded, loss };
}

export interface T5SelfTest {
  /** The sum of log p over the target's tokens. */
  readonly score: number;
  /** Of the encoder's states. */
  readonly norm: number;
}

/** The encoder reads `source`, the decoder scores `target`. Throws the errors of the model's files. */
export async function scoreText(folder: string, source: string, target: string): Promise<T5SelfTest> {
  const { config, checkpoint } = openT5(folder);
  const tokenizer = loadTokenizer(folder);
  const [ids, labels] = [tokenizer.encode(source), tokenizer.encode(target)];
  const [words, count] = [ids.length, labels.length];
  const { encoded, loss } = await run(t5Outputs(new CheckpointBackbone(checkpoint), config, words, count), {
    ids: int64(ids, [1, words]),
    mask: { data: new Float32Array(words).fill(1), shape: [1, words] },
    buckets: { data: encoderBuckets(config, words), shape: [words, words] },
    targetIds: int64([config.decoderStartId, ...labels.slice(0, -1)], [1, count]),
    targetBuckets: { data: decoderBuckets(config, count), shape: [count, count] },
    counted: int64([...labels.keys()], [count]),
    labels: int64(labels, [count]),
    weights: { data: new Float32Array(count).fill(1), shape: [count] },
  });
  return { score: -(loss!.data as Float32Array)[0]!, norm: norm(encoded!.data as Float32Array) };
}

/** Norms of the visual tokens and of the embedding of a made-up picture. */
export async function lookAtPicture(folder: string): Promise<{ tokens: number; embedding: number }> {
  const config = readImageTowerConfig(folder);
  const checkpoint = openCheckpoint(folder);
  const encoder = await ImageEncoder.create({ checkpoint, config, layer: 'last', pool: null });
  try {
    const { imageSize } = imageTower(config);
    const waves = Float32Array.from({ length: 3 * imageSize ** 2 }, (_, i) => Math.sin(i / 7) + Math.cos(i / 1000));
    const [seen] = await encoder.encode([waves]);
    return { tokens: norm(seen!.tokens), embedding: norm(seen!.embedding) };
  } finally {
    await encoder.release();
  }
}

/** Cosines times exp(logit_scale) of a picture with each text; the picture is prepared as the model's publisher does. */
export async function compareWithTexts(
  folder: string,
  config: ClipConfig,
  picture: string,
  texts: readonly string[],
): Promise<number[]> {
  const path = join(folder, 'preprocessor_config.json');
  const preparation = preprocessingFromConfig(readJson(path, z.unknown()), 'as-published', path);
  const pixels = await preprocessImage(picture, preparation);
  const tokenizer = loadTokenizer(folder);
  const rows = texts.map((text) => tokenizer.encode(text));
  const longest = Math.max(...rows.map((row) => row.length));
  const ids = rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(tokenizer.padId)]);

  const checkpoint = openCheckpoint(folder);
  const backbone = new CheckpointBackbone(checkpoint);
  const [count, { imageSize }] = [rows.length, config.vision];
  const ends = input('ends', 'int64', [count]);
  const causal = input('causal', 'float32', [longest, longest]);
  const states = textStates(backbone, config, { ids: input('ids', 'int64', [count, longest]), causal, ends });
  const tower = imageTower(config);
  const { embedding } = tower.build(backbone, input('pixels', 'float32', [1, 3, imageSize, imageSize]), tower.layers);
  const outputs = { image: unit(embedding), texts: unit(textEmbedding(backbone, config, states.at(-1)!, ends)) };
  const results = await run(outputs, {
    ids: int64(ids.flat(), [count, longest]),
    causal: { data: causalBias(longest), shape: [longest, longest] },
    ends: { data: endPositions(ids, longest, config.text.eosId), shape: [count] },
    pixels: { data: pixels, shape: [1, 3, imageSize, imageSize] },
  });
  const image = results.image!.data as Float32Array;
  const scale = Math.exp(checkpoint.floats('logit_scale')[0]!);
  return rows.map((_, row) => {
    const text = (results.texts!.data as Float32Array).subarray(row * image.length, (row + 1) * image.length);
    return scale * image.reduce((sum, value, i) => sum + value * text[i]!, 0);
  });
}
