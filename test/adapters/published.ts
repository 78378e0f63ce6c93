/** Where the checkpoints of DePT's authors lie; they may not be there. */
import { fileURLToPath } from 'node:url';

export const published = fileURLToPath(new URL('../../../shared/data/dept-checkpoints/', import.meta.url));
