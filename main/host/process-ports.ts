/** Ports over the message channels of processes: a forked child seen from its parent, and the parent seen from the child. */
import type { ChildProcess } from 'node:child_process';
import type { Port } from '../../engine/contract/port.ts';
import { inbox } from './inbox.ts';

export function childPort(child: ChildProcess): Port {
  const { deliver, listen } = inbox<unknown>();
  child.on('message', deliver);
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => {}); // an error here is the channel's end, told by `disconnect`
    },
    onMessage: listen,
    onClose: (listener) => {
      if (child.connected) child.once('disconnect', listener);
      else listener();
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}

/** The port to the process that started this one with `fork`. */
export function parentPort(): Port {
  const { deliver, listen } = inbox<unknown>();
  process.on('message', deliver);
  return {
    post: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    onMessage: listen,
    onClose: (listener) => process.once('disconnect', listener),
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}
