/** `dept data import`: index a dataset, and account for every record that was not taken. */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { type DatasetInfo, refusedFile } from '../../../engine/data/dataset-info.ts';
import type { FormatChoice } from '../../../engine/data/detect.ts';
import type { ImportReport } from '../../../engine/data/import.ts';
import type { RefusalSummary } from '../../../engine/data/refusals.ts';
import { FORMATS } from '../../../engine/data/source.ts';
import type { Act } from '../context.ts';
import { count } from '../numbers.ts';
import { table } from '../table.ts';

interface ImportCommandOptions {
  readonly name: string;
  readonly format: FormatChoice;
  readonly images?: string;
  readonly split?: string;
  readonly replace?: boolean;
}

function refusedText({ total, byCode, examples }: RefusalSummary, { name, refused }: DatasetInfo): string {
  const kinds = Object.entries(byCode).map(([code, number]) => `${count(number)} ${code}`);
  const lines = examples.map(({ item, file, line, reason }) => {
    const place = line === undefined ? basename(file) : `${basename(file)}:${line}`;
    return `  ${item} (${place}): ${reason}`;
  });
  const file = `datasets/${name}/${refusedFile({ refused })}`;
  const rest = total > examples.length ? [`  ... and more: ${file} in the home folder has them all`] : [];
  return [`Refused ${count(total)}: ${kinds.join(', ')}`, ...lines, ...rest].join('\n');
}

function reportText({ dataset, sources, ignored, parts, skipped, refused }: ImportReport): string {
  const read = sources.map(
    ({ format, files }) => `Read as ${format}: ${files.map((file) => basename(file)).join(', ')}`,
  );
  const unread = ignored.map(({ path, reason }) => `Ignored ${basename(path)}: ${reason}`);
  const rows = parts.map(({ task, split, items }) => [task, split, items]);
  return [
    [...read, ...unread].join('\n'),
    table(['task', 'split', 'items'], rows),
    skipped === 0 ? '' : `Skipped ${count(skipped)} records of other splits`,
    refused.total === 0 ? '' : refusedText(refused, dataset),
    `Next: dept data show ${dataset.name}`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

export function addImport(data: Command, act: Act): void {
  data
    .command('import')
    .argument('<path...>', 'annotation files, or folders that hold them, or a folder of pictures alone')
    .description('index a dataset; says what it found, and what it refused and why')
    .requiredOption('--name <name>', 'the new dataset, or the one to add to')
    .addOption(new Option('--format <format>', 'format of the files').choices(['auto', ...FORMATS]).default('auto'))
    .option('--images <folder>', 'folder with the images, where they are not beside the files')
    .option('--split <split>', 'split that the files hold, or the only one to take')
    .option('--replace', 'put the new items in the place of those of the same task and split')
    .action(
      act(async ({ home, progress, signal }, paths: string[], options: ImportCommandOptions) => {
        const { importDataset } = await import('../../../engine/data/import.ts');
        const report = await importDataset({
          ...options,
          home,
          paths,
          signal,
          onProgress: ({ message: note, ...amount }) => progress({ task: 'Importing', note, ...amount }),
        });
        return { value: report, text: reportText(report) };
      }),
    );
}
