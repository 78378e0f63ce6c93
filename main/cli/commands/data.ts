/** `dept data`: the imported datasets. */
import type { Command } from 'commander';
import type { Dataset } from '../../../engine/data/dataset.ts';
import type { DatasetInfo } from '../../../engine/data/dataset-info.ts';
import { positive } from '../arguments.ts';
import type { Act } from '../context.ts';
import { count } from '../numbers.ts';
import { facts, table } from '../table.ts';
import { addImport } from './data-import.ts';

/** Loaded when a command runs: `dept --help` needs none of it. */
const openLibrary = () => import('../../../engine/data/dataset.ts');

interface ShowOptions {
  readonly split?: string;
  readonly search?: string;
  readonly limit: number;
}

function addList(data: Command, act: Act): void {
  data
    .command('list')
    .description('imported datasets')
    .action(
      act(async ({ home, message }) => {
        const { listDatasets } = await openLibrary();
        const { datasets, broken } = listDatasets(home);
        for (const { name, error } of broken) message(`${name} cannot be used: ${error.describe()}`);
        const rows = datasets.flatMap(({ name, splits }) =>
          Object.entries(splits).map(([split, { images, captions, questions }]) => [
            name,
            split,
            images,
            captions,
            questions,
          ]),
        );
        const text =
          datasets.length === 0
            ? 'No datasets yet. Import one: dept data import <files> --name <name>'
            : table(['dataset', 'split', 'images', 'captions', 'questions'], rows);
        const value = { datasets, broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })) };
        return { value, text };
      }),
    );
}

/** An image with all its texts. */
function sampleOf(dataset: Dataset, id: string) {
  return { ...dataset.image(id), captions: dataset.captionsOf(id), questions: dataset.questionsOf(id) };
}

function sampleText({ id, path, captions, questions }: ReturnType<typeof sampleOf>): string {
  const asked = questions.map(({ question, answers }) => `  ${question} ${[...new Set(answers)].join(' / ')}`);
  return [`${id}  ${path}`, ...captions.map((caption) => `  ${caption}`), ...asked].join('\n');
}

function countsText({ splits }: DatasetInfo): string {
  const rows = Object.entries(splits).map(([split, { images, captions, questions, answered }]) => [
    split,
    images,
    captions,
    questions,
    answered,
  ]);
  return table(['split', 'images', 'captions', 'questions', 'answered'], rows);
}

function addShow(data: Command, act: Act): void {
  data
    .command('show')
    .argument('<dataset>', 'imported dataset')
    .description('counts, and some images with their texts')
    .option('--split <split>', 'images of this split only')
    .option('--search <words>', 'images with a caption or a question that has all these words')
    .option('--limit <n>', 'images to show', positive, 5)
    .action(
      act(async ({ home }, name: string, { split, search, limit }: ShowOptions) => {
        const { openBrowser } = await import('../../../engine/data/dataset-browser.ts');
        using browser = await openBrowser(home, name);
        const { info, dataset } = browser;
        const found = await browser.browse({ split, text: search, limit });
        const samples = found.images.map(({ id }) => sampleOf(dataset, id));
        const head = facts([
          ['dataset', info.name],
          ['tasks', info.tasks.join(', ')],
          ['image folders', info.roots.join(', ')],
          ['fingerprint', info.fingerprint],
        ]);
        const shown = `${count(samples.length)} of ${count(found.total)} images`;
        const text = [head, countsText(info), shown, ...samples.map(sampleText)].join('\n\n');
        return { value: { ...info, found: found.total, samples }, text };
      }),
    );
}

function addRemove(data: Command, act: Act): void {
  data
    .command('remove')
    .argument('<dataset>', 'imported dataset')
    .description('forget a dataset; its files and images stay where they are')
    .action(
      act(async ({ home }, name: string) => {
        const { removeDataset } = await openLibrary();
        await removeDataset(home, name);
        return { value: { removed: name }, text: `Removed ${name}` };
      }),
    );
}

export function addData(program: Command, act: Act): void {
  const data = program.command('data').description('datasets: import, list, show, remove');
  for (const add of [addImport, addList, addShow, addRemove]) add(data, act);
}
