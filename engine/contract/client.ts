/** The side that asks: typed calls over a port. */
import { DeptError } from '../common/errors.ts';
import type { CallTable, Params, Result } from './call-table.ts';
import { toDeptError } from './errors.ts';
import { type Reply, type Request, replySchema } from './messages.ts';
import type { Port } from './port.ts';

export interface CallOptions {
  /** Asks the work to stop; the call still ends with its result or error. */
  readonly signal?: AbortSignal | undefined;
  /** What the work tells on its way. */
  readonly onNews?: ((news: unknown) => void) | undefined;
}

/** A call under way. */
export interface CallAtWork<Value> {
  readonly result: Promise<Value>;
  pause(paused: boolean): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: DeptError) => void;
  readonly onNews: CallOptions['onNews'];
}

function lost(): DeptError {
  return new DeptError('interrupted', 'The engine ended before it answered', {
    remedy: 'It starts again by itself. Try once more.',
  });
}

export class ContractClient<Table extends CallTable> {
  readonly #port: Port;
  readonly #table: Table;
  readonly #onEvent: (event: unknown) => void;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #closed = false;

  constructor(port: Port, table: Table, onEvent: (event: unknown) => void = () => {}) {
    this.#port = port;
    this.#table = table;
    this.#onEvent = onEvent;
    port.onMessage((message) => this.#receive(message));
    port.onClose(() => this.#close());
  }

  /** Throws what the work throws, `cancelled` after an abort where the work ends so, `interrupted` where the port closes. */
  call<Name extends keyof Table & string>(
    name: Name,
    params: Params<Table, Name>,
    options: CallOptions = {},
  ): Promise<Result<Table, Name>> {
    return this.begin(name, params, options).result;
  }

  /** As `call`, for work that can be paused. */
  begin<Name extends keyof Table & string>(
    name: Name,
    params: Params<Table, Name>,
    { signal, onNews }: CallOptions = {},
  ): CallAtWork<Result<Table, Name>> {
    const id = this.#next;
    this.#next += 1;
    const cancel = (): void => this.#post({ type: 'cancel', id });
    const result = new Promise<unknown>((resolve, reject) => {
      if (this.#closed) {
        reject(lost());
        return;
      }
      this.#waiting.set(id, { resolve, reject, onNews });
      this.#post({ type: 'call', id, call: name, params });
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    }).finally(() => signal?.removeEventListener('abort', cancel));
    return {
      result: result.then((value) => this.#checked(name, value)),
      pause: (paused) => this.#post({ type: 'pause', id, paused }),
    };
  }

  close(): void {
    this.#port.close();
  }

  #checked<Name extends keyof Table & string>(name: Name, value: unknown): Result<Table, Name> {
    const result = this.#table[name]!.result.safeParse(value);
    if (result.success) return result.data as Result<Table, Name>;
    const { path, message: got } = result.error.issues[0]!;
    throw new DeptError('runtime-failed', 'An answer is not of the contract', { path: [name, ...path].join('.'), got });
  }

  #post(request: Request): void {
    this.#port.post(request);
  }

  #receive(message: unknown): void {
    const reply: Reply = replySchema.parse(message);
    if (reply.type === 'event') {
      this.#onEvent(reply.event);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.type === 'news') {
      waiting.onNews?.(reply.news);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.type === 'result') waiting.resolve(reply.value);
    else waiting.reject(toDeptError(reply.error));
  }

  #close(): void {
    this.#closed = true;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(lost());
  }
}
