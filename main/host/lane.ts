/** One lane of work: an engine process that is started when it is needed, and again after it was lost. */
import { DeptError } from '../../engine/common/errors.ts';
import { engineCalls } from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import type { Lane } from '../../engine/contract/events.ts';
import { lostProcess } from './lost-process.ts';
import { endInWords, type OwnProcess, type SpawnEngine } from './own-process.ts';

export type EngineClient = ContractClient<typeof engineCalls>;

export interface LaneOptions {
  readonly lane: Lane;
  readonly home: string;
  readonly spawn: SpawnEngine;
  readonly onState: (state: 'started' | 'ended' | 'lost', reason?: string) => void;
  /** Milliseconds without work after which the process ends and its memory is free; missing: never. */
  readonly idle?: number | undefined;
}

interface Engine {
  readonly process: OwnProcess;
  readonly client: EngineClient;
}

/** The channel tells that the process is gone, its exit tells why. */
async function withReason(error: unknown, process: OwnProcess): Promise<unknown> {
  if (!(error instanceof DeptError) || error.code !== 'interrupted') return error;
  const goOn = 'It starts again by itself. What was saved is still there: go on from it.';
  return lostProcess("The engine's process", await process.exited, goOn, error);
}

/** Between asking a process to end and ending it. */
const KILL_AFTER_MS = 25_000;

export class LaneRunner {
  readonly #options: LaneOptions;
  #engine: Engine | undefined;
  #users = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Processes that are asked to end. */
  readonly #ending = new Set<OwnProcess>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get processId(): number | undefined {
    return this.#engine?.process.processId;
  }

  /** Runs `use` on the lane's engine, which stays alive meanwhile. Throws `interrupted` once the lane is closed. */
  async with<T>(use: (client: EngineClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new DeptError('interrupted', 'The program is about to end, or goes to another home folder');
    clearTimeout(this.#idleTimer);
    this.#users += 1;
    const { client, process } = this.#engine ?? this.#start();
    try {
      return await use(client);
    } catch (error) {
      throw await withReason(error, process);
    } finally {
      this.#users -= 1;
      this.#endWhenIdle();
    }
  }

  /** Ends the process: what it does is asked to stop and save first. */
  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const process = this.#engine?.process;
    if (process === undefined) return;
    this.#engine = undefined;
    this.#ending.add(process);
    process.kill();
    const timer = setTimeout(() => process.kill(true), KILL_AFTER_MS);
    await process.exited;
    clearTimeout(timer);
  }

  /** Ends the process, and starts none again: a page that asks on would keep the program alive. */
  close(): Promise<void> {
    this.#closed = true;
    return this.end();
  }

  #start(): Engine {
    const { lane, home, spawn, onState } = this.#options;
    const process = spawn(lane, home);
    const engine = { process, client: new ContractClient(process.port, engineCalls) };
    this.#engine = engine;
    onState('started');
    void process.exited.then((end) => {
      if (this.#engine === engine) this.#engine = undefined;
      const asked = this.#ending.delete(process);
      onState(asked ? 'ended' : 'lost', asked ? undefined : endInWords(end));
    });
    return engine;
  }

  #endWhenIdle(): void {
    const { idle } = this.#options;
    if (idle === undefined || this.#users > 0 || this.#engine === undefined) return;
    this.#idleTimer = setTimeout(() => void this.end(), idle);
    this.#idleTimer.unref();
  }
}
