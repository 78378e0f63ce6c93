/** A process that trains until a test kills it (or stops listening): `endless-run.ts <home> <run id>`. */
import { writeSync } from 'node:fs';
import { writeAtomic } from '../../engine/common/files.ts';
import { openRun } from '../../engine/runs/run-library.ts';

const [home = '', id = ''] = process.argv.slice(2);
const run = openRun(home, id);
let step = run.prepareResume();
run.start();
writeSync(1, `from ${step}\n`);
for (;;) {
  step += 1;
  run.appendMetrics({ step, loss: 1 / step });
  run.appendSample({ step, text: 'x'.repeat(2000) });
  run.checkpoints.write(step, (folder) => {
    writeAtomic(`${folder}/a`, `${step}`);
    writeAtomic(`${folder}/b`, `${step}`);
  });
  if (step % 3 === 0) run.checkpoints.markBest(step, { name: 'CIDEr', value: step });
  run.checkpoints.prune([]);
  writeSync(1, `at ${step}\n`);
}
