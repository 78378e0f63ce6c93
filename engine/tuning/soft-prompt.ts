/** The soft prompt P_s: m virtual tokens before the text, and its three ways to start (spec 1.3, 3.7). */

import { unsqueeze } from '../graph/ops/elementwise.ts';
import { concat, expand } from '../graph/ops/structure.ts';
import { filled, type ParameterSpec, type Parameters } from '../graph/parameter.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FrozenModel } from './method.ts';

/** Name in checkpoints, as PEFT and the authors have it. */
export const PROMPT = 'prompt_embeddings';

export interface SoftPromptOptions {
  /** m, virtual tokens; 0 for none. */
  readonly promptLength: number;
  /** `text`: the embeddings of `initText`, repeated; `vocabulary`: of ids drawn at random; `random`: N(0, 1). */
  readonly promptInit: 'text' | 'vocabulary' | 'random';
  readonly initText: string;
}

export function softPromptParameter(options: SoftPromptOptions, model: FrozenModel): ParameterSpec {
  const { promptLength, promptInit, initText } = options;
  const { width, vocabularySize } = model;
  return {
    name: PROMPT,
    shape: [promptLength, width],
    group: 'prompt',
    initial: (random) => {
      if (promptInit === 'random') return filled(promptLength * width, () => random.normal());
      const ids = promptInit === 'text' ? model.encode(initText) : undefined;
      const values = new Float32Array(promptLength * width);
      for (let i = 0; i < promptLength; i += 1) {
        const id = ids === undefined ? random.below(vocabularySize) : ids[i % ids.length]!;
        values.set(model.wordEmbedding(id), i * width);
      }
      return values;
    },
  };
}

/** [P_s ; E] for embeddings E [batch, text, width]. */
export function prependPrompt(embeddings: Tensor, parameters: Parameters): Tensor {
  const prompt = parameters.get(PROMPT);
  const [batch] = embeddings.shape;
  return concat([expand(unsqueeze(prompt, 0), [batch!, ...prompt.shape]), embeddings], 1);
}
