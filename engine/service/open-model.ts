/** The frozen model pair of a run: CLIP, T5 with its tokenizer, and CLIP-T5 between them. Weights stay on disk. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError, withRemedy } from '../common/errors.ts';
import { updatedShare } from '../contract/budget.ts';
import type { FeaturesRequest, TrainResult } from '../contract/calls.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import { completeOptions, type GenerateSettings } from '../decoding/generate-options.ts';
import { readGenerationDefaults } from '../decoding/generation-config.ts';
import { countValues, isTrained } from '../graph/parameter.ts';
import { type ImageTowerConfig, readImageTowerConfig } from '../models/clip/image-tower.ts';
import type { T5Config } from '../models/t5/config.ts';
import { openT5 } from '../models/t5/open.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { loadTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';
import { tokenizerFile } from '../tokenizer/tokenizer-files.ts';
import type { TuningMethod } from '../tuning/method.ts';
import { createMethod } from '../tuning/methods.ts';
import { type ClipT5, trainedParameters } from '../vision-language/clip-t5.ts';
import { ImageEncoder, visualShape } from '../vision-language/image-encoder.ts';
import { type ImagePreprocessing, PIXELS_VERSION } from '../vision-language/image-preprocessing.ts';
import { readOpenClipPreprocessing } from '../vision-language/open-clip-preprocessing.ts';
import { readPreprocessing } from '../vision-language/preprocessing-config.ts';
import { createProjection } from '../vision-language/projections.ts';
import { bundledModelsFolder } from '../weights/bundled.ts';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.ts';
import { isOpenClipFolder } from '../weights/layout.ts';
import { findModel } from '../weights/library.ts';
import { describeModel } from '../weights/model-info.ts';
import { widenedCheckpoint } from '../weights/widen.ts';
import { generateOptions } from './decoding.ts';

/** What decides the visual tokens of a picture. */
export type VisionChoice = FeaturesRequest['vision'];

/** A frozen CLIP and which of its states become visual tokens. */
export interface Vision {
  readonly choice: VisionChoice;
  readonly config: ImageTowerConfig;
  readonly checkpoint: Checkpoint;
  readonly preprocessing: ImagePreprocessing;
  /** Visual tokens of a picture, and their width. */
  readonly tokens: number;
  readonly width: number;
  /** Changes whenever a visual token would: with weights, architecture, preprocessing, layer or pooling. */
  readonly fingerprint: string;
  /** CPU threads; undefined: as many as there are cores. */
  readonly threads: number | undefined;
}

function checkKind(folder: string, wanted: 'clip' | 't5', name: string): void {
  const { kind } = describeModel(folder);
  if (kind === wanted) return;
  const role = { clip: 'CLIP model, for vision', t5: 'T5 model, for language' };
  throw new DeptError('bad-config', `The model '${name}' cannot take this part`, {
    path: folder,
    expected: `a ${role[wanted]}`,
    got: `a ${role[kind]}`,
  });
}

function fingerprintOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

const MODEL_REMEDY = 'Bring the file back, or remove the model and add it again.';

/** Throws `not-found`, `bad-config` for what the model does not have, and the errors of its files. */
export function openVision(home: string, choice: VisionChoice, threads: number | null = null): Vision {
  return withRemedy(MODEL_REMEDY, () => readVision(home, choice, threads));
}

function readVision(home: string, choice: VisionChoice, threads: number | null): Vision {
  const { model, layer, pool, resize } = choice;
  const folder = findModel(home, model, bundledModelsFolder());
  checkKind(folder, 'clip', model);
  const config = readImageTowerConfig(folder);
  const { tokens, width } = visualShape(config, choice);
  const checkpoint = openCheckpoint(folder);
  const read = isOpenClipFolder(folder) ? readOpenClipPreprocessing : readPreprocessing;
  const preprocessing = read(folder, config.vision.imageSize, resize);
  return {
    choice,
    config,
    checkpoint,
    preprocessing,
    tokens,
    width,
    fingerprint: fingerprintOf(PIXELS_VERSION, checkpoint.fingerprint(), config.vision, preprocessing, layer, pool),
    threads: threads ?? undefined,
  };
}

export function createImageEncoder({ choice, config, checkpoint, threads }: Vision): Promise<ImageEncoder> {
  const { layer, pool } = choice;
  return ImageEncoder.create({ checkpoint, config, layer, pool, threads });
}

/** How a run's sessions of T5 are opened. A run has settled its device and mode, `auto` is left where none is needed. */
export function sessionOptions({ threads, sharedWeights, device }: TrainConfig): SessionOptions {
  return {
    threads: threads ?? undefined,
    sharedWeights: sharedWeights === true,
    ...(device === 'auto' ? {} : { device }),
  };
}

export interface OpenModel {
  readonly vision: Vision;
  /** T5's. */
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly clipT5: ClipT5 & { readonly method: TuningMethod };
  /** How it generates, for this run. */
  readonly generation: GenerateSettings;
  /** Of T5, its tokenizer and what it says about generation. */
  readonly fingerprint: string;
  readonly counts: TrainResult['parameters'];
}

function tuningMethod(config: TrainConfig, t5: T5Config, checkpoint: Checkpoint, tokenizer: Tokenizer): TuningMethod {
  const options = { ...config.method, maxTextLength: config.maxTextLength };
  return createMethod(options, {
    width: t5.width,
    vocabularySize: tokenizer.vocabularySize,
    wordEmbedding: (id) => checkpoint.floats('shared.weight', id),
    encode: (text) => tokenizer.encode(text),
  });
}

/**
 * Opens both models of a run and puts the tuning method and the projection between them. Throws as `openVision`, and
 * `unsupported` or `bad-input` where the language model's way of generating is not available or contradicts the run's.
 */
export function openModel(home: string, config: TrainConfig): OpenModel {
  return withRemedy(MODEL_REMEDY, () => readModel(home, config));
}

function readModel(home: string, config: TrainConfig): OpenModel {
  const vision = openVision(home, config.vision, config.threads);
  const folder = findModel(home, config.language.model, bundledModelsFolder());
  checkKind(folder, 't5', config.language.model);
  const { config: t5, checkpoint } = openT5(folder);
  const tokenizer = loadTokenizer(folder);
  const defaults = readGenerationDefaults(folder, t5);
  const clipT5 = {
    config: t5,
    method: tuningMethod(config, t5, checkpoint, tokenizer),
    projection: createProjection(config.vision.projection, {
      tokens: vision.tokens,
      clipWidth: vision.width,
      width: t5.width,
      epsilon: t5.epsilon,
    }),
    visual: { tokens: vision.tokens, width: vision.width },
  };
  const parameters = trainedParameters(clipT5);
  const trained = countValues(parameters.filter(isTrained));
  const frozen = describeModel(folder).parameters + countValues(parameters) - trained;
  return {
    vision,
    checkpoint,
    tokenizer,
    clipT5,
    generation: completeOptions(generateOptions(config.evaluation, defaults), t5),
    fingerprint: fingerprintOf(
      checkpoint.fingerprint(),
      t5,
      readFileSync(tokenizerFile(folder), 'utf8'),
      ...(Object.keys(defaults).length === 0 ? [] : [defaults]),
    ),
    counts: { trained, frozen, share: updatedShare(frozen, trained) },
  };
}

/** The model with T5's weights where the sessions of a run can share them: weights of 16 bits are widened, in a file under `home`. */
export function withSharedWeights(home: string, { sharedWeights }: TrainConfig, model: OpenModel): OpenModel {
  if (sharedWeights !== true) return model;
  return { ...model, checkpoint: widenedCheckpoint(model.checkpoint, join(home, 'widened')) };
}
