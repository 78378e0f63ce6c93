/** A process of this program that ended without being asked to, as an error: how, what that tells of the cause, and the way out. */
import { constants } from 'node:os';
import { DeptError } from '../../engine/common/errors.ts';
import { MEMORY_REMEDY } from '../../engine/common/memory.ts';
import { endInWords, type ProcessEnd } from './own-process.ts';

/** What a signal is known to stand for. */
const causes: readonly { readonly signals: readonly NodeJS.Signals[]; readonly hint: string }[] = [
  {
    signals: ['SIGKILL', 'SIGABRT'], // so a system ends a process when memory runs out, and V8 its own
    hint: `It may be that memory ran out. ${MEMORY_REMEDY}`,
  },
  {
    signals: ['SIGBUS'],
    hint: 'A file that it read in place, such as the weights of a model, was cut short under it, or its disk failed: bring the file back first.',
  },
];

/** Electron tells a number instead of the signal: with 128 on top where it left a core dump. */
function isEndBy({ code, signal }: ProcessEnd, wanted: NodeJS.Signals): boolean {
  const number = constants.signals[wanted];
  return signal === wanted || (code !== null && (code === number || code === 128 + number));
}

/** `what` was lost; `goOn` is what can be done whatever the cause. */
export function lostProcess(what: string, end: ProcessEnd, goOn: string, cause?: unknown): DeptError {
  const hints = causes.filter(({ signals }) => signals.some((signal) => isEndBy(end, signal))).map(({ hint }) => hint);
  return new DeptError('interrupted', `${what} was lost: ${endInWords(end)}`, {
    remedy: [goOn, ...hints].join(' '),
    cause,
  });
}
