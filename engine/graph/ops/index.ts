/** Every operation that a graph can hold. */
import { sourceOperations } from '../sources.ts';
import type { Operation } from '../tensor.ts';
import { activationOperations } from './activations.ts';
import { attentionOperations } from './attention.ts';
import { batchNormOperations } from './batch-norm.ts';
import { convolutionOperations } from './convolution.ts';
import { elementwiseOperations } from './elementwise.ts';
import { gatherOperations } from './gather.ts';
import { lossOperations } from './loss.ts';
import { matmulOperations } from './matmul.ts';
import { normalisationOperations } from './normalisation.ts';
import { poolingOperations } from './pooling.ts';
import { quantisedOperations } from './quantised-linear.ts';
import { recomputeOperations } from './recompute.ts';
import { structureOperations } from './structure.ts';
import { topKOperations } from './top-k.ts';

export const allOperations: readonly Operation<never>[] = [
  ...sourceOperations,
  ...elementwiseOperations,
  ...activationOperations,
  ...structureOperations,
  ...matmulOperations,
  ...quantisedOperations,
  ...recomputeOperations,
  ...gatherOperations,
  ...normalisationOperations,
  ...batchNormOperations,
  ...convolutionOperations,
  ...poolingOperations,
  ...attentionOperations,
  ...lossOperations,
  ...topKOperations,
];
