/** Whether the engine answers, as the foot of the navigation shows it. Whoever holds the connection sets it. */

export type EngineState =
  /** Not reached yet, or again not: the page tries by itself. */
  | 'connecting'
  | 'ready'
  /** A process of the engine ended unasked; it starts again when it is needed. */
  | 'recovering'
  /** Cannot be reached, and nothing is being tried. */
  | 'lost';

class EngineStatus {
  state = $state<EngineState>('connecting');
  /** What happened, in a sentence: `The training process was killed by SIGKILL`. */
  detail = $state('');
  /** Tries again now; undefined where there is nothing to try. */
  retry = $state.raw<() => void>();
}

export const engineStatus = new EngineStatus();
