/** Every case. */
import { activationCases } from './activations.ts';
import { attentionCases } from './attention.ts';
import { batchNormCases } from './batch-norm.ts';
import type { Case } from './case.ts';
import { convolutionCases } from './convolution.ts';
import { elementwiseCases } from './elementwise.ts';
import { gatherCases } from './gather.ts';
import { lossCases } from './loss.ts';
import { matmulCases } from './matmul.ts';
import { normalisationCases } from './normalisation.ts';
import { poolingCases } from './pooling.ts';
import { rowLargestCases } from './quantised-linear.ts';
import { recomputeCases } from './recompute.ts';
import { structureCases } from './structure.ts';
import { topKCases } from './top-k.ts';

export const allCases: readonly Case[] = [
  ...elementwiseCases,
  ...activationCases,
  ...structureCases,
  ...recomputeCases,
  ...matmulCases,
  ...rowLargestCases,
  ...gatherCases,
  ...normalisationCases,
  ...batchNormCases,
  ...convolutionCases,
  ...poolingCases,
  ...attentionCases,
  ...lossCases,
  ...topKCases,
];

/** Operations that round what they are given, so that they have no case here but tests of their own. */
export const roundingOperations: readonly string[] = ['QuantisedLinear'];
