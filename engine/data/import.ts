/** Imports a dataset: finds out what the paths hold, streams it into a new index, and puts that in place in one step. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writing } from '../common/disk.ts';
import { type DatasetInfo, datasetFolder } from './dataset-info.ts';
import { chooseSplit, type Detection, detectSources, type FormatChoice, type IgnoredFile } from './detect.ts';
import { DatasetDraft } from './draft.ts';
import { IMPORTERS } from './importers/importers.ts';
import { Intake } from './intake.ts';
import type { Task } from './items.ts';
import { countPictures } from './picture-files.ts';
import { bytesOf, throwIfCancelled } from './read-file.ts';
import type { RefusalSummary } from './refusals.ts';
import type { Format, Source } from './source.ts';
import { checkSplit } from './splits.ts';

export interface ImportProgress {
  /** What was read. */
  readonly done: number;
  readonly total: number;
  /** Files of annotations count by the byte. */
  readonly unit: 'bytes' | 'pictures';
  readonly message: string;
}

export interface ImportOptions {
  readonly home: string;
  readonly name: string;
  /** Files, or folders that hold them. */
  readonly paths: readonly string[];
  /** Several: all files of these. */
  readonly format?: FormatChoice | readonly Format[];
  /** The image folder, where it is not beside the files. */
  readonly images?: string;
  /** The split that the files hold; where they name splits themselves, the only one to take. */
  readonly split?: string;
  /** Put the new items in the place of those that the dataset has for the same task and split. */
  readonly replace?: boolean;
  /** Look into every image file; by default where the image folders hold at most 5,000 files. */
  readonly checkImages?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportReport {
  /** The dataset as it is now. */
  readonly dataset: DatasetInfo;
  /** What the paths were found to hold. */
  readonly sources: readonly Source[];
  readonly ignored: readonly IgnoredFile[];
  /** What this import brought. */
  readonly parts: readonly { readonly task: Task; readonly split: string; readonly items: number }[];
  /** Records of splits that were not asked for. */
  readonly skipped: number;
  /** The file that `dataset.refused` names has the full list. */
  readonly refused: RefusalSummary;
}

/**
 * Makes a dataset, or adds to the one of that name. Until the last step, writing `dataset.json`, nothing of an existing
 * dataset changes; a cancelled, failed or killed import leaves it as it was.
 * Throws `bad-input`, `bad-file`, `not-found`, `already-exists`, `no-space`, `no-access` or `cancelled`.
 */
export async function importDataset(options: ImportOptions): Promise<ImportReport> {
  const folder = datasetFolder(options.home, options.name);
  const split = options.split === undefined ? undefined : checkSplit(options.split);
  const { sources: detected, ignored } = await detect(options);
  const sources = chooseSplit(detected, split);
  const draft = writing(folder, () => new DatasetDraft(folder, options.name));
  try {
    const intake = new Intake({
      draft,
      replace: options.replace ?? false,
      images: options.images,
      checkImages: options.checkImages,
      onlySplit: split,
      manySources: sources.length > 1,
    });
    await readSources(sources, intake, options);
    const dataset = await draft.finish(sources, intake.parts, intake.images.roots, options.signal);
    throwIfCancelled(options.signal);
    draft.publish(dataset);
    const parts = intake.parts.map(({ task, split, items }) => ({ task, split, items }));
    return { dataset, sources, ignored, parts, skipped: intake.skipped, refused: draft.refusals.summary };
  } catch (error) {
    throw draft.failure(error);
  } finally {
    draft.discard();
  }
}

async function detect({ paths, format = 'auto', signal }: ImportOptions): Promise<Detection> {
  const choices = typeof format === 'string' ? [format] : format;
  const found: Detection[] = [];
  for (const choice of choices) found.push(await detectSources(paths, choice, signal));
  const sources = found.flatMap((one) => one.sources);
  const isUsed = ({ path }: IgnoredFile): boolean => sources.some(({ files }) => files.includes(path));
  return { sources, ignored: found[0]!.ignored.filter((file) => !isUsed(file)) };
}

/** Between two reports of progress, in milliseconds: a block of a file may hold an hour's worth of pictures to look into. */
const REPORT_EVERY = 200;

async function readSources(sources: readonly Source[], intake: Intake, options: ImportOptions): Promise<void> {
  const { signal, onProgress } = options;
  const unit = sources[0]!.format === 'images' ? 'pictures' : 'bytes';
  let total = 0;
  for (const source of sources) total += await amountToRead(source, signal);
  let done = 0;
  let reported = 0;
  const report = (message: string): void => {
    reported = performance.now();
    onProgress?.({ done, total, unit, message });
  };
  for (const source of sources) {
    const files = source.files.map((file) => basename(file)).join(' and ');
    const reading = (): void => report(`Reading ${files}: ${intake.taken} items taken, ${intake.refused} refused`);
    const onRead = (amount: number): void => {
      done += amount;
      if (unit === 'bytes') reading();
    };
    intake.begin(source);
    for await (const record of IMPORTERS[source.format](source, { signal, onRead })) {
      throwIfCancelled(signal);
      await intake.take(record);
      if (performance.now() - reported < REPORT_EVERY) continue;
      reading();
      await setImmediate(); // pictures of a folder come without a turn of the event loop
    }
  }
  report(`Building the index of ${intake.taken} items`);
}

/** In the unit of the progress. COCO's captions are read twice, for the images and for the captions. */
async function amountToRead({ format, files }: Source, signal: AbortSignal | undefined): Promise<number> {
  if (format === 'images') return countPictures(files[0]!, signal);
  const bytes = bytesOf(files);
  return format === 'coco-captions' ? 2 * bytes : bytes;
}
