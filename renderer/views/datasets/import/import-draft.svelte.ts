/** An import on its way to be one: what a person chose and typed, and what was found there. Nothing of it is lost by an error. */
import type { Detection, DetectQuery, ImportFormat } from '../../../../engine/contract/datasets.ts';
import { type ErrorRecord, toErrorRecord } from '../../../../engine/contract/errors.ts';
import type { JobRecord } from '../../../../engine/contract/job-records.ts';
import { desktop } from '../../../bridge.ts';
import type { Drop } from '../../../lib/drops.ts';
import { connection } from '../../../state/connection.svelte.ts';
import { jobs } from '../../../state/jobs.svelte.ts';
import { DropCopy } from './drop-copy.svelte.ts';
import { withPaths } from './typed-paths.ts';

export type ImportStep = 'where' | 'found' | 'name' | 'work';

export class ImportDraft {
  step = $state<ImportStep>('where');
  paths = $state.raw<readonly string[]>([]);
  format = $state<'auto' | ImportFormat>('auto');
  /** The folder of the pictures; '' where they are beside the files. */
  images = $state('');
  split = $state('');
  name = $state('');
  replace = $state(false);
  copy = $state.raw<DropCopy>();
  detecting = $state(false);
  detection = $state.raw<Detection>();
  error = $state.raw<ErrorRecord>();
  starting = $state(false);
  job = $state<string>();
  /** The name was typed, or given: what is found no longer suggests one. */
  named = false;
  #look: AbortController | undefined;

  constructor(into: string | undefined) {
    if (into === undefined) return;
    this.name = into;
    this.named = true;
  }

  get record(): JobRecord | undefined {
    return jobs.list.find(({ id }) => id === this.job);
  }

  add(paths: readonly string[]): void {
    this.paths = withPaths(this.paths, paths);
    this.detection = undefined;
    this.error = undefined;
  }

  remove(path: string): void {
    this.paths = this.paths.filter((other) => other !== path);
    this.detection = undefined;
    this.error = undefined;
  }

  /** In the desktop window a drop is where it lies; in a browser its files are copied first. */
  async drop(drop: Drop): Promise<void> {
    if (this.copy !== undefined || this.step === 'work') return;
    this.step = 'where';
    if (desktop !== undefined) {
      const { pathOf } = desktop;
      this.add(drop.roots.map((file) => pathOf(file)).filter((path) => path !== ''));
      await this.detect();
      return;
    }
    const copy = new DropCopy();
    this.copy = copy;
    this.error = undefined;
    try {
      const folder = await copy.run(drop);
      if (folder === undefined) {
        this.error = {
          code: 'bad-input',
          message: 'There is nothing to import in what was dropped',
          expected: 'pictures, or annotations as .json, .jsonl, .csv or .tsv',
          got: `${copy.left} other files`,
        };
        return;
      }
      this.add([folder]);
    } catch (cause) {
      if (!copy.stopped) this.error = toErrorRecord(cause);
      return;
    } finally {
      this.copy = undefined;
    }
    await this.detect();
  }

  /** Looks at what is there, and shows it. A look under way is given up for the new one. */
  async detect(): Promise<void> {
    this.#look?.abort();
    if (this.paths.length === 0) return;
    const look = new AbortController();
    this.#look = look;
    this.detecting = true;
    this.error = undefined;
    try {
      const detection = await connection.call('datasets.detect', this.#source(), { signal: look.signal });
      if (look.signal.aborted) return;
      this.detection = detection;
      // Files dropped without a folder lie in one that is called after nothing.
      if (!this.named) this.name = detection.suggestedName.startsWith('drop-') ? '' : detection.suggestedName;
      this.step = 'found';
    } catch (cause) {
      if (look.signal.aborted) return;
      this.error = toErrorRecord(cause);
    }
    this.detecting = false;
  }

  /** Leaves the look or the copy under way; what was typed stays. */
  stop(): void {
    this.#look?.abort();
    this.detecting = false;
    this.copy?.stop();
  }

  async start(): Promise<void> {
    this.starting = true;
    this.error = undefined;
    try {
      const params = { ...this.#source(), name: this.name.trim(), replace: this.replace };
      const record = await connection.start('datasets.import', params);
      jobs.put(record);
      this.job = record.id;
      this.step = 'work';
    } catch (cause) {
      this.error = toErrorRecord(cause);
    } finally {
      this.starting = false;
    }
  }

  #source(): DetectQuery {
    return {
      paths: [...this.paths],
      format: this.format,
      ...(this.images.trim() !== '' && { images: this.images.trim() }),
      ...(this.split.trim() !== '' && { split: this.split.trim() }),
    };
  }
}
