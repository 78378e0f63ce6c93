/** CLIP-T5 as a training step is measured on it: a tuning method at its first values over a T5, and a batch drawn at random. */
import { Random } from '../../common/random.ts';
import type { T5 } from '../../models/t5/open.ts';
import type { Value } from '../../runtime/session.ts';
import { dept } from '../../tuning/dept.ts';
import { promptTuning } from '../../tuning/prompt-tuning.ts';
import { type ClipT5, encoderFeeds } from '../../vision-language/clip-t5.ts';
import { linearProjection, type VisualProjection } from '../../vision-language/projection.ts';
import { targetFeeds, tokenWeights } from '../../vision-language/target-feeds.ts';

/** The data of a step; every text and target has its full length, so that nothing is padding. */
export interface StepShape {
  readonly batch: number;
  /** s, and the length of every text. */
  readonly text: number;
  /** Visual tokens of a picture; 0: text alone, and no projection. */
  readonly visual: number;
  readonly target: number;
}

/** CLIP-T5 on captions and questions (spec 2.8), also with one picture at a time, and GLUE as the paper runs it. */
export const stepShapes = {
  vl: { batch: 16, text: 20, visual: 36, target: 10 },
  'vl-1': { batch: 1, text: 20, visual: 36, target: 10 },
  glue: { batch: 16, text: 256, visual: 0, target: 2 },
} as const satisfies Record<string, StepShape>;

/** Of DePT the rank follows from the prompt length, so that all have as many values as prompt tuning with `FULL_LENGTH` tokens. */
export interface StepMethod {
  readonly name: 'dept' | 'prompt-tuning';
  /** m, or l. */
  readonly promptLength: number;
}

/** Width of the visual tokens: the last layer of CLIP's RN101, as in the paper. */
const VISUAL_WIDTH = 2048;
/** Of DePT's scale alpha / sqrt(r). */
export const ALPHA = 8;
export const SEED = 42;

const textOnly: VisualProjection = { parameters: [], project: (tokens) => tokens };

/** `rank`: DePT's r. */
export function stepModel(
  { config, checkpoint }: T5,
  { text, visual }: StepShape,
  method: StepMethod,
  rank: number,
): ClipT5 {
  const prompt = { promptLength: method.promptLength, promptInit: 'vocabulary', initText: '' } as const;
  const frozen = {
    width: config.width,
    vocabularySize: config.vocabularySize,
    wordEmbedding: (id: number) => checkpoint.floats('shared.weight', id),
    encode: () => [config.eosId],
  };
  return {
    config,
    method:
      method.name === 'prompt-tuning'
        ? promptTuning(prompt, frozen)
        : dept({ ...prompt, rank, maxTextLength: text, alpha: ALPHA, lowRankInit: 'uniform' }, frozen),
    projection:
      visual === 0
        ? textOnly
        : linearProjection({ clipWidth: VISUAL_WIDTH, width: config.width, epsilon: config.epsilon }),
    visual: { tokens: visual, width: visual === 0 ? config.width : VISUAL_WIDTH },
  };
}

export interface StepData {
  /** [batch, tokens, clipWidth] */
  readonly visual: Float32Array<ArrayBuffer>;
  readonly texts: number[][];
  readonly targets: number[][];
}

/** The same for the same model and shape. */
export function stepData({ config, visual }: ClipT5, { batch, text, target }: StepShape): StepData {
  const random = new Random(SEED, 'batch');
  const row = (length: number): number[] => [
    ...Array.from({ length: length - 1 }, () => 2 + random.below(config.vocabularySize - 2)),
    config.eosId,
  ];
  const rows = (length: number): number[][] => Array.from({ length: batch }, () => row(length));
  const values = new Float32Array(batch * visual.tokens * visual.width).map(() => random.normal());
  return { visual: values, texts: rows(text), targets: rows(target) };
}

/** What the graph of a step is fed. */
export function stepFeeds(model: ClipT5, { visual, texts, targets }: StepData): Record<string, Value> {
  const wanted = targets.map((ids) => ({ ids, score: 1 }));
  return {
    ...encoderFeeds(model, texts, visual),
    ...targetFeeds(model.config, wanted, tokenWeights('caption', wanted)),
  };
}
