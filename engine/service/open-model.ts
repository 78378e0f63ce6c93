/** Everything of a frozen model pair that a run needs: CLIP's folder, T5 with its tokenizer, and CLIP-T5 between them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../common/errors.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { countValues } from '../graph/parameter.ts';
import { type ClipConfig, patchCount, readClipConfig } from '../models/clip/config.ts';
import { readT5Config, type T5Config } from '../models/t5/config.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';
import { updatedShare } from '../tuning/budget.ts';
import type { TuningMethod } from '../tuning/method.ts';
import { createMethod } from '../tuning/methods.ts';
import { type ClipT5, trainedParameters } from '../vision-language/clip-t5.ts';
import { ImageEncoder } from '../vision-language/image-encoder.ts';
import { type ImagePreprocessing, preprocessingFromConfig } from '../vision-language/image-preprocessing.ts';
import { linearProjection } from '../vision-language/projection.ts';
import { bundledModelsFolder } from '../weights/bundled.ts';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.ts';
import { findModel } from '../weights/library.ts';
import { describeModel } from '../weights/model-info.ts';

export type VisionChoice = Pick<TrainConfig['vision'], 'model' | 'layer' | 'pool'>;

/** A frozen CLIP, chosen and described, its weights still on disk. */
export interface Vision {
  readonly choice: VisionChoice;
  readonly config: ClipConfig;
  readonly checkpoint: Checkpoint;
  readonly preprocessing: ImagePreprocessing;
  readonly tokens: number;
  readonly width: number;
  /** Changes whenever a cached visual token would: weights, preprocessing, layer and pooling. */
  readonly fingerprint: string;
}

function kindOf(folder: string, wanted: 'clip' | 't5', name: string): void {
  const { kind } = describeModel(folder);
  if (kind === wanted) return;
  throw new DeptError('bad-config', `The model '${name}' cannot take this part`, {
    expected: `a ${wanted === 'clip' ? 'CLIP (vision)' : 'T5 (language)'} model`,
    got: String(kind),
    path: folder,
    remedy: 'See `dept models list` for what is there.',
  });
}

export function openVision(home: string, choice: VisionChoice): Vision {
  const folder = findModel(home, choice.model, bundledModelsFolder());
  kindOf(folder, 'clip', choice.model);
  const config = readClipConfig(folder);
  const checkpoint = openCheckpoint(folder);
  const preprocessing = preprocessingFromConfig(
    JSON.parse(readFileSync(join(folder, 'preprocessor_config.json'), 'utf8')),
  );
  const identity = JSON.stringify([checkpoint.fingerprint(), preprocessing, choice.layer, choice.pool]);
  return {
    choice,
    config,
    checkpoint,
    preprocessing,
    tokens: choice.pool === null ? patchCount(config) : choice.pool ** 2,
    width: config.vision.width,
    fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 16),
  };
}

export function createImageEncoder({ choice, config, checkpoint }: Vision, threads?: number): Promise<ImageEncoder> {
  const { layer, pool } = choice;
  return ImageEncoder.create({ checkpoint, config, layer, pool, ...(threads === undefined ? {} : { threads }) });
}

export interface OpenModel {
  readonly vision: Vision;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly clipT5: ClipT5 & { readonly method: TuningMethod };
  /** Values trained, values of the frozen T5, and the share of the first in both (spec 2.6). */
  readonly counts: { readonly trained: number; readonly frozen: number; readonly share: number };
}

function tuningMethod(config: TrainConfig, t5: T5Config, checkpoint: Checkpoint, tokenizer: Tokenizer): TuningMethod {
  let table: Float32Array | undefined;
  const options = { ...config.method, maxTextLength: config.maxTextLength };
  return createMethod(options, {
    width: t5.width,
    vocabularySize: tokenizer.vocabularySize,
    wordEmbedding: (id) => {
      table ??= checkpoint.floats('shared.weight');
      return table.slice(id * t5.width, (id + 1) * t5.width);
    },
    encode: (text) => tokenizer.encode(text),
  });
}

/** Opens both models of a run and puts the tuning method and the projection on them. */
export function openModel(home: string, config: TrainConfig): OpenModel {
  const vision = openVision(home, config.vision);
  const folder = findModel(home, config.language.model, bundledModelsFolder());
  kindOf(folder, 't5', config.language.model);
  const t5 = readT5Config(folder);
  const checkpoint = openCheckpoint(folder);
  const tokenizer = loadTokenizer(folder);
  const clipT5 = {
    config: t5,
    method: tuningMethod(config, t5, checkpoint, tokenizer),
    projection: linearProjection(vision.width, t5.width, t5.epsilon),
    visual: { tokens: vision.tokens, width: vision.width },
  };
  const trained = countValues(trainedParameters(clipT5));
  const frozen = describeModel(folder).parameters;
  return {
    vision,
    checkpoint,
    tokenizer,
    clipT5,
    counts: { trained, frozen, share: updatedShare(frozen, trained) },
  };
}
