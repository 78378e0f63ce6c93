/** A home with something of everything in it, copies of it, and what a page would show of one. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { writeDeptFolder } from '../../engine/adapters/export.ts';
import { addAdapter } from '../../engine/adapters/library.ts';
import { listFolders } from '../../engine/common/folders.ts';
import type { DatasetDetails } from '../../engine/contract/datasets.ts';
import { datasetsFolder, readDatasetInfo, refusedFile } from '../../engine/data/dataset-info.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { listAdapterInfos } from '../../engine/service/adapters.ts';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { listAllDatasets, showDataset } from '../../engine/service/datasets.ts';
import { listDownloads } from '../../engine/service/downloads.ts';
import { listEvaluations, showEvaluation } from '../../engine/service/evaluations.ts';
import { listLibrary } from '../../engine/service/models.ts';
import { MeasurementShelf } from '../../engine/service/run-series.ts';
import { runDetails, runList, runLog, runSamples } from '../../engine/service/run-views.ts';
import { openService } from '../../engine/service/service.ts';
import { readSettings } from '../../engine/service/settings.ts';
import { configFor, fillHome } from '../service/small-home.ts';
import { sourceOf } from './operations.ts';

export async function writeSources(home: string): Promise<void> {
  const images = sourceOf(home, 'images');
  mkdirSync(images, { recursive: true });
  const rows = ['image,question,answer'];
  for (let i = 0; i < 6; i += 1) {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 40 * i, g: 0, b: 0 } } }).toFile(
      join(images, `${i}.png`),
    );
    rows.push(`${i}.png,what is it?,red`);
  }
  rows.push('missing.png,what is it?,red', '1.png,,red');
  writeFileSync(sourceOf(home, 'table.csv'), `${rows.join('\n')}\n`);
  cpSync(join(import.meta.dirname, '..', 'golden', 't5-float16'), sourceOf(home, 'half'), { recursive: true });
}

/** Models, a dataset with thumbnails and features, a run with an evaluation, an adapter; and, beside it, what is to be brought into it. */
export async function makeFullHome(home: string): Promise<void> {
  await fillHome(home);
  await writeSources(home);
  const service = openService({ home });
  const { run } = await service.train(configFor('vqa'));
  await service.evaluate({ run, checkpoint: 'best', split: 'val' });
  const { folder } = openRun(home, run).checkpoints.find('best');
  writeDeptFolder(sourceOf(home, 'adapter'), readAdapter(folder));
  await addAdapter(home, sourceOf(home, 'adapter'), 'kept');
}

/** What is never changed in place, and too large to copy for each test. */
const LINKED = /^(models|samples|features)\b/;

/** A copy that may be changed. */
export function copyHome(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = source.slice(from.length + 1);
    mkdirSync(dirname(join(to, path)), { recursive: true });
    if (LINKED.test(path)) linkSync(source, join(to, path));
    else cpSync(source, join(to, path));
  }
}

const withoutTimes = ({ sources, ...part }: DatasetDetails['parts'][number]) => ({
  ...part,
  sources: sources.map(({ path }) => path),
});

/** Of the bytes of each file in a folder; none where it is missing. */
function digestsOf(folder: string): [name: string, digest: string][] {
  if (!existsSync(folder)) return [];
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return readdirSync(folder).map((name) => [name, digest(name)]);
}

/** All that a page would list, each thing opened, without what differs from copy to copy. Fails where anything cannot be read. */
export async function shownOf(home: string): Promise<object> {
  const lists = {
    datasets: listAllDatasets(home),
    models: listLibrary(home),
    adapters: listAdapterInfos(home),
    evaluations: listEvaluations(home, {}),
    runs: runList(home),
  };
  const broken = Object.values(lists).flatMap((list) => list.broken as readonly object[]);
  if (broken.length > 0) throw new Error(`Broken: ${JSON.stringify(broken)}`);
  using shelf = new DatasetShelf(home);
  const datasets = await Promise.all(lists.datasets.datasets.map(({ name }) => showDataset(shelf, name)));
  const measurements = new MeasurementShelf();
  const runs = await Promise.all(lists.runs.runs.map(({ id }) => runDetails(home, id, measurements)));
  for (const { id } of lists.runs.runs) {
    runSamples(home, id);
    runLog(home, { run: id, from: 0 });
  }
  const shown = {
    datasets: datasets.map(({ imported: _, parts, ...dataset }) => ({ ...dataset, parts: parts.map(withoutTimes) })),
    models: lists.models.models,
    adapters: lists.adapters.adapters,
    evaluations: lists.evaluations.evaluations.map(({ run, id }) => showEvaluation(home, { run, id })),
    runs: runs.map(({ id, state, saved, last, best }: Record<string, unknown>) => ({ id, state, saved, last, best })),
    another: digestsOf(join(home, 'models', 'another')),
    downloading: listDownloads(home).downloads.filter(({ active }) => active),
    settings: readSettings(home),
    exports: listFolders(join(home, 'exports')).map((name) => [name, readdirSync(join(home, 'exports', name)).sort()]),
  };
  return JSON.parse(JSON.stringify(shown).replaceAll(home, '<home>'));
}

/** Every file and folder below a home, but for the names that chance gives. */
export function pathsIn(home: string): string[] {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return paths.map((path) => path.replaceAll(/[0-9a-f]{12,}(\.\d+)?(?=\.(sqlite|safetensors|jsonl))/g, '*')).sort();
}

/** What nobody should find any more. The parts of a download are no such thing: it goes on from them. */
export function temporaryIn(home: string): string[] {
  const isKept = (path: string): boolean => path.startsWith(join('models', '.downloads')) && path.endsWith('.part');
  return pathsIn(home).filter((path) => /\.(tmp|part)$/.test(path) && !isKept(path));
}

/**
 * Files of imports that no dataset names. The home itself was made by this process, which for all that anybody knows is still at
 * it.
 */
export function unlistedIn(home: string): string[] {
  return listFolders(datasetsFolder(home)).flatMap((name) => {
    const folder = join(datasetsFolder(home), name);
    const info = readDatasetInfo(folder);
    const listed = info === undefined ? [] : [info.index, refusedFile(info)];
    const isLeft = (file: string): boolean => !listed.includes(file) && !file.includes(`.${process.pid}.`);
    return readdirSync(folder).filter((file) => /\.(sqlite|jsonl)$/.test(file) && isLeft(file));
  });
}
