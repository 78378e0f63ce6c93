/** The copying of dropped files to the host's machine, as the import dialog shows it. */
import type { Drop } from '../../../lib/drops.ts';
import { joinPath } from '../../../parts/path-picker/path-parts.ts';
import { commonFolder, planDrop } from '../drop-files.ts';
import { newDropId, uploadDrop } from '../drop-upload.ts';

export class DropCopy {
  /** Undefined while folders are still being walked through. */
  files = $state<number>();
  bytes = $state(0);
  done = $state({ files: 0, bytes: 0 });
  /** Files that are not part of any dataset, and were left where they are. */
  left = $state(0);
  readonly #stop = new AbortController();

  /** The copied folder on the host's machine; undefined where there was nothing to copy. Throws as `uploadDrop`. */
  async run(drop: Drop): Promise<string | undefined> {
    const { files, bytes, left } = planDrop(await drop.files());
    this.#stop.signal.throwIfAborted();
    this.files = files.length;
    this.bytes = bytes;
    this.left = left;
    if (files.length === 0) return undefined;
    const folder = await uploadDrop(newDropId(), files, {
      signal: this.#stop.signal,
      onProgress: (progress) => {
        this.done = progress;
      },
    });
    const top = commonFolder(files);
    return top === undefined ? folder : joinPath(folder, top);
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  stop(): void {
    this.#stop.abort();
  }
}
