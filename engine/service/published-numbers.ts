/**
 * What published weights give, as the tests of transformers state it (tests/models/t5/test_modeling_t5.py and
 * tests/models/clip/test_modeling_clip.py): for checking that a download computes here what it computes there.
 */

/** The sum of log p over the target's tokens, end of text included. */
export interface PublishedScore {
  readonly repo: string;
  readonly score: number;
  readonly test: string;
}

export const SCORED_TEXT = { source: 'Hello there', target: 'Hi I am' } as const;

export const publishedScores: readonly PublishedScore[] = [
  { repo: 'google-t5/t5-small', score: -19.0845, test: 'test_small_integration_test' },
  { repo: 'google/t5-v1_1-small', score: -59.0293, test: 'test_small_v1_1_integration_test' },
];

/** Theirs are given to four decimals, and sums are taken in another order here. */
export const SCORE_TOLERANCE = 2e-3;

/** Cosines times exp(logit_scale) of a picture with each text. */
export interface PublishedLogits {
  readonly repo: string;
  readonly picture: string;
  readonly texts: readonly string[];
  readonly logits: readonly number[];
  readonly test: string;
}

export const publishedLogits: readonly PublishedLogits[] = [
  {
    repo: 'openai/clip-vit-base-patch32',
    picture: "COCO's val2017/000000039769.jpg",
    texts: ['a photo of a cat', 'a photo of a dog'],
    logits: [24.5701, 19.3049],
    test: 'CLIPModelIntegrationTest.test_inference',
  },
];

/** JPEG decoders differ in the last bit of a pixel. */
export const LOGIT_TOLERANCE = 5e-2;
