/** The side that answers: checks every message against the contract and hands the calls to their handlers. */
import { DeptError } from '../common/errors.ts';
import { nearest } from '../common/nearest.ts';
import type { CallTable, CheckedParams, Result } from './call-table.ts';
import { toErrorRecord } from './errors.ts';
import { type Reply, requestSchema } from './messages.ts';
import type { Port } from './port.ts';

/** What the work of one call gets beside its params. */
export interface CallContext {
  /** Aborted by a cancel, and when the port closes. */
  readonly signal: AbortSignal;
  /** Resolves at once, or when a paused call may go on or is aborted. */
  readonly unpaused: () => Promise<void>;
  readonly tell: (news: unknown) => void;
}

export type Handlers<Table extends CallTable> = {
  readonly [Name in keyof Table]: (
    params: CheckedParams<Table, Name>,
    context: CallContext,
  ) => Result<Table, Name> | Promise<Result<Table, Name>>;
};

export interface AnsweringEnd {
  /** Sends an event to the other side. */
  emit(event: unknown): void;
  /** Asks all work to stop. */
  cancelAll(): void;
  /** Resolves once no call is at work. */
  idle(): Promise<void>;
}

/** A call at work. */
class Work {
  readonly #abort = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get over(): Promise<void> {
    return this.#end.promise;
  }

  end(): void {
    this.#end.resolve();
  }

  cancel(): void {
    this.#abort.abort();
    this.pause(false);
  }

  pause(paused: boolean): void {
    if (paused && !this.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#gate ??= { opened: promise, open: resolve };
    } else {
      this.#gate?.open();
      this.#gate = undefined;
    }
  }

  readonly unpaused = async (): Promise<void> => {
    while (this.#gate !== undefined) await this.#gate.opened;
  };
}

/** Throws `bad-input` for an unknown call and for params that it does not take, naming the first wrong one. */
export function checkedParams(table: CallTable, call: string, params: unknown): unknown {
  const definition = Object.hasOwn(table, call) ? table[call] : undefined;
  if (definition === undefined) {
    const meant = nearest(call, Object.keys(table));
    const remedy = meant === undefined ? {} : { remedy: `Did you mean '${meant}'?` };
    throw new DeptError('bad-input', `There is no call '${call}'`, remedy);
  }
  const result = definition.params.safeParse(params);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = [call, ...issue.path].join('.');
  throw new DeptError('bad-input', `A call has wrong params: ${issue.message}`, { path });
}

/**
 * Answers the calls of a port until it closes. A message that is no request is answered with an error where it has an
 * id, and otherwise dropped: it can do nothing.
 */
export function answerCalls<Table extends CallTable>(
  port: Port,
  table: Table,
  handlers: Handlers<Table>,
): AnsweringEnd {
  const running = new Map<number, Work>();
  const post = (reply: Reply): void => port.post(reply);

  const answer = async (id: number, call: string, params: unknown): Promise<void> => {
    const work = new Work();
    try {
      if (running.has(id)) throw new DeptError('bad-input', `A call with the id ${id} is at work already`);
      const own = checkedParams(table, call, params) as CheckedParams<Table, keyof Table>;
      running.set(id, work);
      const { signal, unpaused } = work;
      const tell = (news: unknown): void => post({ type: 'news', id, news });
      post({ type: 'result', id, value: await handlers[call]!(own, { signal, unpaused, tell }) });
    } catch (error) {
      post({ type: 'error', id, error: toErrorRecord(error) });
    } finally {
      if (running.get(id) === work) running.delete(id);
      work.end();
    }
  };

  port.onMessage((message) => {
    const request = requestSchema.safeParse(message);
    if (!request.success) {
      const id = (message as { id?: unknown } | null | undefined)?.id;
      const error = new DeptError('bad-input', 'The message is not of the contract', {
        expected: 'call, cancel or pause',
      });
      if (Number.isSafeInteger(id) && (id as number) >= 0)
        post({ type: 'error', id: id as number, error: error.toRecord() });
      return;
    }
    const { data } = request;
    if (data.type === 'call') void answer(data.id, data.call, data.params);
    else if (data.type === 'cancel') running.get(data.id)?.cancel();
    else running.get(data.id)?.pause(data.paused);
  });
  const cancelAll = (): void => {
    for (const work of running.values()) work.cancel();
  };
  port.onClose(cancelAll);
  return {
    emit: (event) => post({ type: 'event', event }),
    cancelAll,
    idle: async () => {
      while (running.size > 0) await Promise.race([...running.values()].map(({ over }) => over));
    },
  };
}
