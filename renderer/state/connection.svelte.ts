/** The page's one connection to the host: calls, events, and coming back by itself after it was lost. */
import {
  type JobCall,
  type JobParams,
  type PageCalls,
  type PageParams,
  type PageResult,
  pageCalls,
} from '../../engine/contract/api.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { type AppEvent, eventSchema } from '../../engine/contract/events.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import { type News, newsSchema } from '../../engine/contract/news.ts';
import { ConnectError, openPort } from '../bridge.ts';

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'no-session';

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Extract<News, { type: 'progress' }>['progress']) => void;
}

const firstRetryMs = 300;
const longestRetryMs = 5000;

class Connection {
  state = $state<ConnectionState>('connecting');
  /** Counts the times that the connection was made: whoever reads it asks anew after a loss. */
  generation = $state(0);
  readonly #listeners = new Set<(event: AppEvent) => void>();
  #client: Promise<ContractClient<PageCalls>> | undefined;

  /** Makes the connection, and makes it again whenever it is lost. */
  open(): void {
    this.#client ??= this.#connect();
  }

  async call<Name extends keyof PageCalls & string>(
    name: Name,
    params: PageParams<Name>,
    { signal, onProgress }: AskOptions = {},
  ): Promise<PageResult<Name>> {
    this.open();
    const client = await this.#client!;
    const onNews = (message: unknown): void => {
      const news = newsSchema.parse(message);
      if (news.type === 'progress') onProgress?.(news.progress);
    };
    return await client.call(name, params, { signal, onNews });
  }

  /** Starts long work; the record tells how it stands, `jobs` keeps it up to date. */
  start<Call extends JobCall>(call: Call, params: JobParams<Call>): Promise<JobRecord> {
    return this.call('jobs.start', { call, params });
  }

  /** Gives back the way to stop listening. */
  listen(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #connect(): Promise<ContractClient<PageCalls>> {
    for (let wait = firstRetryMs; ; wait = Math.min(2 * wait, longestRetryMs)) {
      try {
        const port = await openPort();
        const client = new ContractClient(port, pageCalls, (event) => this.#tell(event));
        port.onClose(() => this.#lose());
        this.state = 'open';
        this.generation += 1;
        return client;
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        this.state = error.reason === 'no-session' ? 'no-session' : 'lost';
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #lose(): void {
    this.state = 'lost';
    this.#client = this.#connect();
  }

  #tell(message: unknown): void {
    const event = eventSchema.parse(message);
    for (const listener of this.#listeners) listener(event);
  }
}

export const connection = new Connection();
