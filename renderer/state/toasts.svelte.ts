/** Short messages at the corner of the window. What went well goes away by itself; what went wrong stays until it is closed. */

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'info' | 'bad';
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** How long a message stays that needs no answer, in milliseconds. */
const STAY = 6000;

class Toasts {
  list = $state<readonly Toast[]>([]);
  #next = 1;

  show(tone: Toast['tone'], text: string, action?: Toast['action']): void {
    const toast: Toast = { id: this.#next++, tone, text, ...(action && { action }) };
    this.list = [...this.list.slice(-3), toast];
    if (tone !== 'bad' && action === undefined) setTimeout(() => this.close(toast.id), STAY);
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
