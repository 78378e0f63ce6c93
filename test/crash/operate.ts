/**
 * A process that does one thing to a home folder: `operate.ts <home> <operation> [<point>]`. It kills itself before its operation
 * on files of that number, from 1, or in the middle of it where the number has a half. Without a point it lists what it did.
 */
import { writeSync } from 'node:fs';
import { type FileOperation, watchFileOperations } from './file-operations.ts';
import { type OperationName, operations } from './operations.ts';

const [home = '', name = '', point] = process.argv.slice(2);
const at = point === undefined ? Number.POSITIVE_INFINITY : Number(point);
const work = await operations[name as OperationName]();
const seen: { readonly name: string; readonly parts: boolean }[] = [];

function watch({ name: call, half }: FileOperation): void {
  seen.push({ name: call, parts: half !== undefined });
  if (seen.length < Math.floor(at)) return;
  if (!Number.isInteger(at)) half?.();
  process.kill(process.pid, 'SIGKILL');
}

const stop = await watchFileOperations(watch);
await work(home);
stop();
writeSync(1, JSON.stringify(seen));
