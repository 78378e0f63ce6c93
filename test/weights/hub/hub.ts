/** Access to a stand-in, without waiting: pauses end at once and are noted, silence never counts as such. */
import type { HubAccess } from '../../../engine/weights/hub/hub-access.ts';
import type { StandIn } from './stand-in.ts';

export const STALL_MS = 30_000;

export interface TestHub extends HubAccess {
  /** The pauses before another try, in milliseconds. */
  readonly pauses: number[];
}

export function hubAt({ endpoint }: StandIn, changes: Partial<HubAccess> = {}): TestHub {
  const pauses: number[] = [];
  return {
    endpoint: new URL(endpoint),
    stallMs: STALL_MS,
    retries: 3,
    wait: async (ms) => {
      if (ms === STALL_MS) return new Promise(() => {});
      pauses.push(ms);
      return undefined;
    },
    freeBytes: () => 1e12,
    pauses,
    ...changes,
  };
}
