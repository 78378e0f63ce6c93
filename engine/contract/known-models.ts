/** Models on the Hugging Face Hub that are known to be of use here. What is said of them is from their papers and model cards. */
import type { Model } from './models.ts';

export interface KnownModel {
  readonly repo: string;
  readonly kind: Model['kind'];
  readonly parameters: number;
  readonly licence: string;
  /** In a few words: what sets it apart. */
  readonly purpose: string;
}

const t5 = { kind: 't5', licence: 'Apache-2.0' } as const;
/** The model cards state no licence; the code that OpenAI published the weights with is under the MIT licence. */
const clip = { kind: 'clip', licence: "MIT (OpenAI's code)" } as const;

/** The order is that of a list: vision first, then language, from what is tried first on. */
export const knownModels: readonly KnownModel[] = [
  { repo: 'openai/clip-vit-base-patch32', ...clip, parameters: 151_277_313, purpose: '49 visual tokens, the fastest' },
  { repo: 'openai/clip-vit-base-patch16', ...clip, parameters: 149_620_737, purpose: '196 visual tokens' },
  {
    repo: 'openai/clip-vit-large-patch14',
    ...clip,
    parameters: 427_616_513,
    purpose: '256 visual tokens, the largest',
  },
  { repo: 'timm/resnet101_clip.openai', ...clip, parameters: 119_688_033, purpose: "RN101, the paper's" },
  { repo: 'timm/resnet50_clip.openai', ...clip, parameters: 102_007_137, purpose: 'RN50' },
  { repo: 'timm/resnet50x4_clip.openai', ...clip, parameters: 178_300_601, purpose: 'RN50x4, pictures of 288 x 288' },
  { repo: 'google-t5/t5-small', ...t5, parameters: 60_506_624, purpose: 'To try things out' },
  { repo: 'google-t5/t5-base', ...t5, parameters: 222_903_552, purpose: "The paper's" },
  { repo: 'google-t5/t5-large', ...t5, parameters: 737_668_096, purpose: 'The next size' },
  { repo: 'google/flan-t5-small', ...t5, parameters: 76_961_152, purpose: 'Trained on instructions' },
  { repo: 'google/flan-t5-base', ...t5, parameters: 247_577_856, purpose: 'Trained on instructions' },
  { repo: 'google/flan-t5-large', ...t5, parameters: 783_150_080, purpose: 'Trained on instructions' },
  { repo: 'google/t5-v1_1-small', ...t5, parameters: 76_961_152, purpose: 'Trained on text alone' },
  { repo: 'google/t5-v1_1-base', ...t5, parameters: 247_577_856, purpose: 'Trained on text alone' },
];

/** Bytes of the weights as float32, which is how they are computed with. */
export function weightBytes(parameters: number): number {
  return 4 * parameters;
}

/** The program with ONNX Runtime and its data, in bytes. */
const PROGRAM = 0.5e9;

/**
 * Whether training with a model can be expected to fit into the memory of the machine: a rule of thumb, of twice or three
 * times the weights. The training page estimates it for the run at hand.
 */
export function memoryFit(parameters: number, memory: number): 'fits' | 'tight' | 'too-large' {
  const weights = weightBytes(parameters);
  if (3 * weights + PROGRAM <= memory) return 'fits';
  return 1.5 * weights + PROGRAM <= memory ? 'tight' : 'too-large';
}
