/**
 * A process that trains: `train.ts <home> <config file> <run or -> <point> <imports> <damage>`. It kills itself at its operation on
 * files of that number, 0 for never, and imports a dataset meanwhile where it shall. `<step>:<file>` is the damage that it does to a
 * file of its run after that step, as a failing disk would, from where it counts its operations; `newest` stands for the folder of
 * the newest checkpoint, if there is another. It ends with the exit code `REFUSED` where training ended in an error of ours.
 */
import { existsSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DeptError } from '../../engine/common/errors.ts';
import type { TrainEvent } from '../../engine/contract/jobs.ts';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { RunFolder } from '../../engine/runs/run-folder.ts';
import { openService } from '../../engine/service/service.ts';
import { watchFileOperations } from './file-operations.ts';
import { operations } from './operations.ts';
import { REFUSED } from './seeds.ts';

const [home = '', file = '', run = '', point = '', imports = '', damage = ''] = process.argv.slice(2);
const importTable = await operations.import();
const service = openService({ home });

let seen = damage === '' ? 0 : Number.NEGATIVE_INFINITY;
await watchFileOperations(() => {
  seen += 1;
  if (seen === Number(point)) process.kill(process.pid, 'SIGKILL');
});

const [damagedAt, damaged = ''] = damage.split(':');
let folder = '';

/** A log loses the half of its last line, another file of itself. */
function cutShort(path: string): void {
  if (!existsSync(path)) return;
  const { size } = statSync(path);
  const lost = path.endsWith('.jsonl') ? readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)!.length : size;
  truncateSync(path, size - Math.ceil(lost / 2));
}

function event(event: TrainEvent): void {
  if (event.type === 'start') {
    ({ folder } = event);
    writeSync(1, 'started\n');
  }
  if (event.type !== 'step' || event.step !== Number(damagedAt)) return;
  seen = 0;
  const steps = new RunFolder(folder).checkpoints.steps();
  if (damaged.startsWith('newest') && steps.length < 2) return;
  cutShort(join(folder, damaged.replace('newest', join('checkpoints', String(steps.at(-1))))));
}

const hooks = { event };
const config = parseTrainConfig(JSON.parse(readFileSync(file, 'utf8')));
try {
  await Promise.all([
    run === '-' ? service.train(config, hooks) : service.resume(run, hooks),
    imports === 'imports' && importTable(home),
  ]);
} catch (error) {
  if (!(error instanceof DeptError)) throw error;
  process.exitCode = REFUSED;
}
