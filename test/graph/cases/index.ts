/** Every case. */
import { activationCases } from './activations.ts';
import { attentionCases } from './attention.ts';
import type { Case } from './case.ts';
import { elementwiseCases } from './elementwise.ts';
import { gatherCases } from './gather.ts';
import { lossCases } from './loss.ts';
import { matmulCases } from './matmul.ts';
import { normalisationCases } from './normalisation.ts';
import { structureCases } from './structure.ts';
import { topKCases } from './top-k.ts';

export const allCases: readonly Case[] = [
  ...elementwiseCases,
  ...activationCases,
  ...structureCases,
  ...matmulCases,
  ...gatherCases,
  ...normalisationCases,
  ...attentionCases,
  ...lossCases,
  ...topKCases,
];
