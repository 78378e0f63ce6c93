/** The engine behind one message port: a process of its own, since a run of ONNX Runtime blocks the thread it is on. */
import { constants, setPriority } from 'node:os';
import { answerCalls } from '../../engine/contract/answering.ts';
import { engineCalls } from '../../engine/contract/api.ts';
import type { Trial } from '../../engine/contract/devices.ts';
import type { Lane } from '../../engine/contract/events.ts';
import type { Port } from '../../engine/contract/port.ts';
import { engineHandlers } from '../../engine/service/engine-handlers.ts';
import { removeAllLeftovers } from '../../engine/service/leftovers.ts';

/** What is still under way may save first; the work's own processes are asked to stop by the port's close. */
const GRACE_MS = 20_000;

/** Makes this process an engine: it answers at `port`, for the home folder and the lane that its arguments name. */
export function runEngine(port: Port, trial: Trial): void {
  const [home, lane] = process.argv.slice(2) as [string, Lane];

  // Ctrl-C in a terminal reaches every process of the group: what is to happen is decided by the host.
  process.on('SIGINT', () => {});

  // node:sqlite still announces itself as experimental: nothing a user of this program could act on.
  process.removeAllListeners('warning');

  // Before it has threads, which take the priority of the one that starts them.
  if (lane === 'pictures') setPriority(constants.priority.PRIORITY_LOW);

  // The lane that every start begins with.
  if (lane === 'library') removeAllLeftovers(home);

  const end = answerCalls(port, engineCalls, engineHandlers(home, trial));
  const leave = (): void => {
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    void end.idle().then(() => process.exit(0));
  };
  port.onClose(leave);
  process.on('SIGTERM', () => {
    end.cancelAll();
    leave();
  });
}
