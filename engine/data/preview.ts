/** A look at sources before they are imported: the first records go the way of an import, into an index that is thrown away. */
import { IMPORTERS } from './importers/importers.ts';
import { IndexWriter } from './index-writer.ts';
import { Intake } from './intake.ts';
import { throwIfCancelled } from './read-file.ts';
import { RefusalLog, type RefusalSummary } from './refusals.ts';
import type { Source, SourceRecord } from './source.ts';
import { normaliseSplit } from './splits.ts';

/** Records of each kind that are looked at in each source. */
const SAMPLE = 250;

export interface PreviewOptions {
  readonly images?: string | undefined;
  readonly split?: string | undefined;
  /** How many records to give back. */
  readonly items: number;
  readonly signal?: AbortSignal | undefined;
}

/** A record that gives a picture, or a text with its picture. */
export interface PreviewRecord {
  readonly record: Exclude<SourceRecord, { kind: 'refused' }>;
  readonly split: string;
  /** Absolute; undefined where there is no such file. */
  readonly file: string | undefined;
}

export interface Preview {
  /** The first of every source in turn. */
  readonly records: readonly PreviewRecord[];
  readonly refused: RefusalSummary;
  readonly sampled: number;
  readonly imagesFound: number;
  readonly imagesMissing: number;
}

/** Reads the first records of each source as an import would. Throws as `importDataset` where a file cannot be read at all. */
export async function previewSources(sources: readonly Source[], options: PreviewOptions): Promise<Preview> {
  const writer = new IndexWriter(':memory:', undefined);
  const refusals = new RefusalLog();
  try {
    const intake = new Intake({
      draft: { name: 'preview', previous: undefined, writer, refusals },
      replace: false,
      images: options.images,
      checkImages: true,
      onlySplit: options.split,
      manySources: sources.length > 1,
    });
    const lists: PreviewRecord[][] = [];
    let sampled = 0;
    for (const source of sources) {
      const { records, count } = await sampleSource(source, intake, options);
      lists.push(records);
      sampled += count;
    }
    const { found, missing } = intake.images.counts;
    const records = inTurn(lists).slice(0, options.items);
    return { records, refused: refusals.summary, sampled, imagesFound: found, imagesMissing: missing };
  } finally {
    writer.abandon();
  }
}

/** Texts stand for their pictures: those alone are given where the source has no texts. */
async function sampleSource(source: Source, intake: Intake, { items, split: onlySplit, signal }: PreviewOptions) {
  const texts: PreviewRecord[] = [];
  const pictures: PreviewRecord[] = [];
  let count = 0;
  intake.begin(source);
  for await (const record of IMPORTERS[source.format](source, { signal, sample: SAMPLE })) {
    throwIfCancelled(signal);
    await intake.take(record);
    count += 1;
    if (count >= 2 * SAMPLE) break;
    const split = normaliseSplit(record.split ?? source.split);
    if (record.kind === 'refused' || split === undefined || (onlySplit !== undefined && split !== onlySplit)) continue;
    const list = record.kind === 'image' ? pictures : texts;
    if (list.length < items) list.push({ record, split, file: intake.images.fileOf(split, record.image.key) });
  }
  return { records: texts.length > 0 ? texts : pictures, count };
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
