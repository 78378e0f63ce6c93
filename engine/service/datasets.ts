/** The datasets as the pages see them: listed, shown, browsed, one picture with all its texts, imported, removed. */
import { statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type {
  AnswerCounts,
  AnswerCountsQuery,
  BrowseQuery,
  BrowseResult,
  DatasetDetails,
  DatasetList,
  DatasetSummary,
  ImportParams,
  ItemDetails,
  RefusedPage,
  RefusedQuery,
} from '../contract/datasets.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { listDatasets, removeDataset } from '../data/dataset.ts';
import { type DatasetInfo, datasetFolder, INFO_FILE, refusedFile } from '../data/dataset-info.ts';
import { type ImportReport, importDataset } from '../data/import.ts';
import { countRefused, readRefused } from '../data/refusals.ts';
import type { DatasetShelf } from './dataset-shelf.ts';
import { dropsOf, removeDrops, removeLeftDrops } from './drops.ts';

/** Refusals that are shown with a dataset. */
const EXAMPLES = 20;

export function listAllDatasets(home: string): DatasetList {
  const { datasets, broken } = listDatasets(home);
  return {
    datasets: datasets.map((info) => summaryOf(home, info)),
    broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })),
  };
}

function summaryOf(home: string, info: DatasetInfo): DatasetSummary {
  const { name } = info;
  const folder = datasetFolder(home, name);
  const splits = Object.entries(info.splits).map(([split, counts]) => ({ name: split, ...counts }));
  const sum = (what: 'images' | 'captions' | 'questions') => splits.reduce((total, split) => total + split[what], 0);
  const [images, captions, questions] = [sum('images'), sum('captions'), sum('questions')];
  const sources = [...new Set(info.parts.flatMap((part) => part.sources.map(({ path }) => path)))];
  const index = statSync(join(folder, info.index), { throwIfNoEntry: false });
  return {
    name,
    tasks: [...(questions > 0 ? ['vqa' as const] : []), ...(captions > 0 ? ['caption' as const] : [])],
    splits,
    images,
    captions,
    questions,
    sources,
    imported: statSync(join(folder, INFO_FILE)).mtime.toISOString(),
    isSample: sources.length > 0 && sources.every((path) => path.startsWith(join(home, 'samples') + sep)),
    indexBytes: index?.size ?? 0,
  };
}

/** Throws `not-found` or `bad-file`, as all that follow. */
export function showDataset(shelf: DatasetShelf, dataset: string): Promise<DatasetDetails> {
  return shelf.use(dataset, async (browser) => {
    const { info } = browser;
    const refused = join(datasetFolder(shelf.home, dataset), refusedFile(info));
    const { total, byCode } = info.refused ?? (await countRefused(refused));
    return {
      ...summaryOf(shelf.home, info),
      parts: info.parts.map(({ fingerprint: _, ...part }) => part),
      imageFolders: info.roots,
      refused: { total, byCode, examples: total === 0 ? [] : await readRefused(refused, 0, EXAMPLES) },
      answerTypes: browser.types('answer'),
      questionTypes: browser.types('question'),
      thumbnailsMade: browser.looks.isComplete,
      fingerprint: info.fingerprint,
    };
  });
}

/** Throws also `not-found` for a split. */
export function browseDataset(shelf: DatasetShelf, { dataset, ...request }: BrowseQuery): Promise<BrowseResult> {
  return shelf.use(dataset, (browser) => browser.browse(request));
}

/** Throws also `not-found` for an image. */
export function showItem(
  shelf: DatasetShelf,
  { dataset: name, image: id }: { dataset: string; image: string },
): Promise<ItemDetails> {
  return shelf.use(name, ({ dataset }) => {
    const { path, ...image } = dataset.image(id);
    return {
      image: { ...image, fileName: basename(path) },
      captions: dataset.captionsOf(id),
      questions: dataset.questionsOf(id).map(({ imageId: _, answers, ...question }) => {
        return { ...question, answers: [...answers], counts: countEach(answers) };
      }),
    };
  });
}

/** Each text once, most frequent first. */
export function countEach(texts: readonly string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}

/** Throws also `not-found` for a split. */
export function countAnswers(shelf: DatasetShelf, { dataset, ...query }: AnswerCountsQuery): Promise<AnswerCounts> {
  return shelf.use(dataset, (browser) => browser.answers(query));
}

export function listRefused(shelf: DatasetShelf, { dataset, offset, limit }: RefusedQuery): Promise<RefusedPage> {
  return shelf.use(dataset, async ({ info }) => {
    const path = join(datasetFolder(shelf.home, dataset), refusedFile(info));
    const { total } = info.refused ?? (await countRefused(path));
    return { total, refused: offset < total ? await readRefused(path, offset, limit) : [] };
  });
}

/** Throws as `importDataset`; an abort changes nothing. */
export async function importIntoLibrary(
  home: string,
  { images, split, ...params }: ImportParams,
  { progress, signal }: JobHooks,
): Promise<ImportReport> {
  const report = await importDataset({
    home,
    ...params,
    ...(images !== undefined && { images }),
    ...(split !== undefined && { split }),
    ...(signal !== undefined && { signal }),
    onProgress: ({ message: note, ...amount }) => progress?.({ task: 'Importing', note, ...amount }),
  });
  await removeLeftDrops(home);
  return report;
}

/**
 * With all that was derived from it, and the copies of dropped folders that it alone lies in; other files that it was made
 * from stay. Throws `not-found`.
 */
export async function removeFromDatasets(shelf: DatasetShelf, dataset: string): Promise<void> {
  const { home } = shelf;
  const own = dropsOf(
    home,
    listDatasets(home).datasets.filter(({ name }) => name === dataset),
  );
  shelf.drop(dataset);
  await removeDataset(home, dataset);
  await removeDrops(home, (drop) => own.has(drop));
}
