/** Ports over the message channels of processes: a forked child seen from its parent, and whoever started a process seen from there. */
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

function forkPort(): Port {
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

/** The part of Electron's `process.parentPort` that is used. */
interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

function utilityPort(parent: ElectronPort): Port {
  return {
    post: (message) => parent.postMessage(message),
    onMessage: (listener) => parent.on('message', ({ data }) => listener(data)),
    onClose: () => {}, // Electron ends the process with the one that it belongs to
    close: () => process.exit(0),
  };
}

/** The port to the process that started this one: with `fork`, or as a utility process of Electron. */
export function parentPort(): Port {
  const { parentPort: parent } = process as unknown as { readonly parentPort?: ElectronPort };
  return parent === undefined ? forkPort() : utilityPort(parent);
}
