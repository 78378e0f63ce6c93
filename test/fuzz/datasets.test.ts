/** Imported datasets, damaged on the disk: read as they are, or refused naming the file; the others stay. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  browseResultSchema,
  datasetDetailsSchema,
  datasetListSchema,
  refusedPageSchema,
} from '../../engine/contract/datasets.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { refusedFile } from '../../engine/data/dataset-info.ts';
import { importDataset } from '../../engine/data/import.ts';
import { DatasetShelf } from '../../engine/service/dataset-shelf.ts';
import { browseDataset, listAllDatasets, listRefused, showDataset } from '../../engine/service/datasets.ts';
import { pixel } from '../data/fixtures.ts';
import { damaged, damagedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const home = join(scratch.path, 'home');
const folder = join(home, 'datasets', 'set');
/** Of the imported dataset, by name. */
const files = new Map<string, Buffer>();

for (const name of ['1.png', '2.png']) scratch.write(`images/${name}`, pixel);
const rows = [
  { image: '1.png', question: 'what is it?', answers: ['red', 'blue'], answer_type: 'other', id: 'a' },
  { image: '2.png', question: 'is it red?', answers: ['yes'], answer_type: 'yes/no', id: 'b' },
  { image: '1.png', caption: 'a red one' },
  { image: 'lost.png', caption: 'a lost one' },
];
const table = scratch.write('rows.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const { dataset } = await importDataset({ home, name: 'set', paths: [table] });
await importDataset({ home, name: 'other', paths: [table] });
// without the names and times of this run, so that the same seed makes the same inputs
const info = {
  ...dataset,
  index: 'index.sqlite',
  refused: { ...dataset.refused, file: 'refused.jsonl' },
  roots: ['/images'],
  parts: dataset.parts.map((part) => ({ ...part, sources: [] })),
};
files.set('dataset.json', Buffer.from(JSON.stringify(info)));
files.set(
  'refused.jsonl',
  Buffer.from(readFileSync(join(folder, refusedFile(dataset)), 'utf8').replaceAll(scratch.path, '')),
);
files.set('index.sqlite', readFileSync(join(folder, dataset.index)));

const damage = fc.constantFrom(...files.keys()).chain((name) => {
  const bytes = files.get(name)!;
  const changed =
    name === 'dataset.json'
      ? fc.oneof(damagedJson([JSON.parse(bytes.toString())]), damaged([bytes]))
      : damaged([bytes]);
  return changed.map((content) => [name, content] as const);
});

hunt('datasets', {
  runs: 60,
  inputs: damage,
  read: async ([name, content]) => {
    for (const [own, bytes] of files) writeFileSync(join(folder, own), own === name ? content : bytes);
    const list = datasetListSchema.parse(listAllDatasets(home));
    expect(list.datasets.map((summary) => summary.name)).toContain('other');
    expect(list.datasets.length + list.broken.length).toBe(2);
    using shelf = new DatasetShelf(home);
    datasetDetailsSchema.parse(await showDataset(shelf, 'set'));
    refusedPageSchema.parse(await listRefused(shelf, { dataset: 'set', limit: 10, offset: 0 }));
    for (const filter of [{}, { text: 'red' }, { answer: 'yes' }, { has: 'nothing' as const }]) {
      browseResultSchema.parse(await browseDataset(shelf, { dataset: 'set', limit: 10, offset: 0, ...filter }));
    }
    using opened = openDataset(home, 'set');
    for (const split of opened.splits()) {
      for (const { answers } of opened.questions(split)) expect(Array.isArray(answers)).toBe(true);
      for (const { captions } of opened.captionGroups(split)) expect(Array.isArray(captions)).toBe(true);
    }
  },
});
