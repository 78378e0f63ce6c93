/**
 * A process that trains: `train.ts <home> <config file> <run or -> <point> <imports>`. It kills itself at its operation on files of
 * that number, 0 for never, and imports a dataset meanwhile where it shall.
 */
import { readFileSync, writeSync } from 'node:fs';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { openService } from '../../engine/service/service.ts';
import { watchFileOperations } from './file-operations.ts';
import { operations } from './operations.ts';

const [home = '', file = '', run = '', point = '', imports = ''] = process.argv.slice(2);
const importTable = await operations.import();
const service = openService({ home });

let seen = 0;
await watchFileOperations(() => {
  seen += 1;
  if (seen === Number(point)) process.kill(process.pid, 'SIGKILL');
});
const hooks = { event: (event: { type: string }) => event.type === 'start' && writeSync(1, 'started\n') };
const config = parseTrainConfig(JSON.parse(readFileSync(file, 'utf8')));
await Promise.all([
  run === '-' ? service.train(config, hooks) : service.resume(run, hooks),
  imports === 'imports' && importTable(home),
]);
