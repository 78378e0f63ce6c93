/** Writes the random graphs that test/golden/make-graphs.py computes in torch: `node test/graph/random/write-drawn.ts`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../../../engine/common/files.ts';
import { drawGraph } from './draw.ts';

const COUNT = 100;

const folder = join(import.meta.dirname, '..', '..', 'golden', 'graphs');
mkdirSync(folder, { recursive: true });
const graphs = Array.from({ length: COUNT }, (_, i) => JSON.stringify(drawGraph('torch', i)));
writeAtomic(join(folder, 'drawn.json'), `[\n${graphs.join(',\n')}\n]\n`);
