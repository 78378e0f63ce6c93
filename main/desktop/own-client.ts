/** Main as one more page of the host: it hears what pages hear and asks as they ask, for the menu, the theme and the end. */

import { pageCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { type AppEvent, eventSchema } from '../../engine/contract/events.ts';
import type { Port } from '../../engine/contract/port.ts';
import { inbox } from '../host/inbox.ts';

export type OwnClient = ContractClient<typeof pageCalls>;

/** Two ends in one process; what is posted at one arrives at the other after the turn that posted it. */
function portPair(): readonly [Port, Port] {
  const [left, right] = [inbox<unknown>(), inbox<unknown>()];
  const closed: (() => void)[] = [];
  let isOpen = true;
  const end = (own: typeof left, other: typeof left): Port => ({
    post: (message) => {
      if (isOpen) queueMicrotask(() => other.deliver(message));
    },
    onMessage: own.listen,
    onClose: (listener) => closed.push(listener),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      for (const listener of closed) listener();
    },
  });
  return [end(left, right), end(right, left)];
}

export function connectOwnClient(connect: (port: Port) => void, onEvent: (event: AppEvent) => void): OwnClient {
  const [near, far] = portPair();
  connect(far);
  return new ContractClient(near, pageCalls, (event) => onEvent(eventSchema.parse(event)));
}
