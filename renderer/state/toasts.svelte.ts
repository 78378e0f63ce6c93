/** Short messages at the corner of the window. What went well goes away by itself; what went wrong stays until it is closed. */
import { describeError, toErrorRecord } from '../../engine/contract/errors.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'info' | 'bad';
  readonly text: string;
  /** All that is known of what went wrong, to be copied. */
  readonly details?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** How long a message stays that needs no answer, in milliseconds. */
const STAY = 6000;

class Toasts {
  list = $state<readonly Toast[]>([]);
  #next = 1;

  show(tone: Toast['tone'], text: string, action?: Toast['action'], details?: string): void {
    const toast: Toast = { id: this.#next++, tone, text, ...(action && { action }), ...(details && { details }) };
    this.list = [...this.list.slice(-3), toast];
    if (tone !== 'bad' && action === undefined) setTimeout(() => this.close(toast.id), STAY);
  }

  /** Of a call that failed; `what` says which, where that is not plain. */
  fail(cause: unknown, what?: string): void {
    const error = toErrorRecord(cause);
    const said = (text: string) => (what === undefined ? text : `${what}: ${text}`);
    this.show('bad', said(error.message), undefined, said(describeError(error)));
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
