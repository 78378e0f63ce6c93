/** Every operation that random graphs are made of. */
import { elementwiseUses } from './elementwise.ts';
import type { DrawnOperation } from './operation.ts';
import { pictureUses } from './pictures.ts';
import { productUses } from './products.ts';
import { structureUses } from './structure.ts';

const uses = { ...elementwiseUses, ...structureUses, ...productUses, ...pictureUses };

export const drawnOperations = uses as unknown as Readonly<Record<string, DrawnOperation>>;
