/** Loss curves the size of a word for a list of runs: read one run at a time, and anew only once a run has grown. */
import { SvelteMap } from 'svelte/reactivity';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { spread } from '../../lib/chart-data.ts';
import { smooth } from '../../lib/smoothing.ts';
import { connection } from '../../state/connection.svelte.ts';

/** Points that are asked for, and of these as many as can be told apart. */
const ASKED = 200;
const DRAWN = 40;

export class LossLines {
  readonly #lines = new SvelteMap<string, readonly number[]>();
  /** The step up to which a run was read. */
  readonly #readTo = new Map<string, number>();
  #wanted: readonly RunSummary[] = [];
  #busy = false;

  of(run: string): readonly number[] {
    return this.#lines.get(run) ?? [];
  }

  /** The runs that are shown, most important first. */
  want(runs: readonly RunSummary[]): void {
    this.#wanted = runs;
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { id, step } = next;
      this.#readTo.set(id, step);
      try {
        const { loss = [] } = await connection.call('runs.series', { run: id, columns: ['loss'], points: ASKED });
        const line = smooth(loss, 0.8).filter((value) => value !== null);
        this.#lines.set(
          id,
          spread(line.length, DRAWN).map((position) => line[position]!),
        );
      } catch {
        this.#lines.set(id, []); // a run that cannot be read says so in the list itself
      }
    }
    this.#busy = false;
  }

  /** A running one is read anew after a fiftieth of its steps. */
  #next(): RunSummary | undefined {
    return this.#wanted.find(({ id, step, steps = step }) => {
      const readTo = this.#readTo.get(id);
      return step > 0 && (readTo === undefined || step < readTo || step - readTo > (step === steps ? 0 : steps / 50));
    });
  }
}
