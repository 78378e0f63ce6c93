/** Tells for `dept` how its process was lost, which cannot tell so itself any more: `tell-loss.ts <signal> <the words of the command>`. */
import { lostProcess } from '../host/lost-process.ts';
import { failureOf, tellFailure } from './failures.ts';

const [signal = '', ...words] = process.argv.slice(2);
const goOn = 'What was saved is still there: a run goes on from its last checkpoint (dept runs list, dept resume).';
const loss = lostProcess('The process of the command', { code: null, signal }, goOn);
if (process.stderr.isTTY) process.stderr.write('\n'); // behind the line of progress that it left
tellFailure(failureOf(loss)!, words.includes('--json'), process);
