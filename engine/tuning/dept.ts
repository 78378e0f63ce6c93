/** DePT: a shorter soft prompt, and a low-rank update of the word embeddings at each text position (paper, section 2.2). */
import { DeptError } from '../common/errors.ts';
import { add } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { slice } from '../graph/ops/structure.ts';
import { filled, type ParameterSpec, type Parameters } from '../graph/parameter.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FrozenModel, TuningMethod } from './method.ts';
import { prependPrompt, type SoftPromptOptions, softPromptParameter } from './soft-prompt.ts';

/** Names in checkpoints, as the authors have them. */
export const LOW_RANK_A = 'prompt_encoder.lora_embedding_A';
export const LOW_RANK_B = 'prompt_encoder.lora_embedding_B';

export interface DeptOptions extends SoftPromptOptions {
  /** r; 0 leaves plain prompt tuning with m tokens. */
  readonly rank: number;
  /** s: most text tokens, and the rows of A. */
  readonly maxTextLength: number;
  /** The update is scaled by alpha / sqrt(r) (the authors' code, alpha 8); null: by 1 (the paper). */
  readonly alpha: number | null;
  /**
   * A's first values: U(-1/sqrt(r), 1/sqrt(r)) (the authors' code), or N(0, 1/r): the paper has a Gaussian and leaves its
   * variance open; with 1/r a row of A has a length of about 1 at every rank.
   */
  readonly lowRankInit: 'uniform' | 'gaussian';
}

/** c, the factor on A B. */
export function updateScale({ alpha, rank }: Pick<DeptOptions, 'alpha' | 'rank'>): number {
  return alpha === null ? 1 : alpha / Math.sqrt(rank);
}

function lowRankParameters({ rank, maxTextLength, lowRankInit }: DeptOptions, width: number): ParameterSpec[] {
  const spread = rank ** -0.5;
  return [
    {
      name: LOW_RANK_A,
      shape: [maxTextLength, rank],
      group: 'lowRank',
      initial: (random) =>
        filled(maxTextLength * rank, () =>
          lowRankInit === 'uniform' ? random.between(-spread, spread) : spread * random.normal(),
        ),
    },
    { name: LOW_RANK_B, shape: [rank, width], group: 'lowRank', initial: () => new Float32Array(rank * width) },
  ];
}

/** E + c (A B)[0 .. L): row i of A B belongs to text position i, so only the first L of s rows are computed. */
function updateEmbeddings(embeddings: Tensor, parameters: Parameters, scale: number): Tensor {
  const rows = slice(parameters.get(LOW_RANK_A), 0, 0, embeddings.shape[1]!);
  return add(embeddings, matmul(rows, parameters.get(LOW_RANK_B), { alpha: scale }));
}

/** m d + (s + d) r values. B starts at zero, so training starts as prompt tuning with m tokens. */
export function dept(options: DeptOptions, model: FrozenModel): TuningMethod {
  const { promptLength, rank } = options;
  if (promptLength === 0 && rank === 0) {
    throw new DeptError('bad-config', 'DePT needs a soft prompt, a low-rank update, or both', {
      expected: 'promptLength or rank above 0',
      got: 'both 0',
      path: 'method',
    });
  }
  const prompt = promptLength === 0 ? [] : [softPromptParameter(options, model)];
  const lowRank = rank === 0 ? [] : lowRankParameters(options, model.width);
  return {
    name: 'dept',
    promptLength,
    parameters: [...prompt, ...lowRank],
    front: (embeddings, parameters) => {
      const updated = rank === 0 ? embeddings : updateEmbeddings(embeddings, parameters, updateScale(options));
      return promptLength === 0 ? updated : prependPrompt(updated, parameters);
    },
  };
}
