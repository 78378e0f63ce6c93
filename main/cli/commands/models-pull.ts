/** `dept models pull` and `discard`: models from the Hugging Face Hub. Nothing else in the program goes to the network. */
import type { Command } from 'commander';
import type { PullPlan, UnfinishedDownload } from '../../../engine/contract/models.ts';
import type { Act } from '../context.ts';
import { bytes } from '../numbers.ts';
import { facts, table } from '../table.ts';
import { modelText } from './model-text.ts';

interface PullOptions {
  readonly revision?: string;
  readonly name?: string;
  readonly dryRun?: boolean;
}

function planText({ name, repo, commit, licence, files, bytes: size, present, free, needed }: PullPlan): string {
  const rows = files.map((file) => [file.name, bytes(file.size)]);
  return [
    facts([
      ['model', repo],
      ['commit', commit],
      ['licence', licence ?? 'not stated'],
      ['name in the library', name],
      ['download', present === 0 ? bytes(size) : `${bytes(size)}, ${bytes(present)} of it there already`],
      ['disk', `${bytes(free)} free${free < needed ? `, too little: ${bytes(needed)} needed` : ''}`],
    ]),
    table(['file', 'size'], rows),
  ].join('\n\n');
}

/** The command that goes on with a download. */
function resumeCommand({ name, requested: { repo, revision } }: UnfinishedDownload): string {
  const words = ['dept models pull', repo];
  if (revision !== undefined) words.push('--revision', revision);
  if (repo.split('/').at(-1) !== name) words.push('--name', name);
  return words.join(' ');
}

/** A line for each, with the way on. */
export function unfinishedText(downloads: readonly UnfinishedDownload[]): string {
  return downloads
    .map((download) => {
      const { name, bytes: size, present, active } = download;
      const amount = `${bytes(present)} of ${bytes(size)}`;
      return active
        ? `${name} is being downloaded: ${amount}`
        : `${name} is there in part: ${amount}. Go on: ${resumeCommand(download)}; or: dept models discard ${name}`;
    })
    .join('\n');
}

export function addPull(models: Command, act: Act): void {
  models
    .command('pull')
    .argument('<repo>', 'on the Hugging Face Hub: t5-base, openai/clip-vit-base-patch32, or the address of a page')
    .description('download a model, or go on with it: only the files that are needed, each one checked')
    .option('--revision <revision>', 'branch, tag or commit (main)')
    .option('--name <name>', "name in the library (the repository's own)")
    .option('--dry-run', 'say what would be downloaded, and do nothing')
    .addHelpText(
      'after',
      '\nEnvironment: HF_ENDPOINT (another hub), HF_TOKEN (for private and gated models; sent to the hub alone),\n' +
        'HF_HUB_OFFLINE=1 (forbids it), HTTPS_PROXY. Ctrl-C stops; the same command goes on.',
    )
    .action(
      act(async (context, repo: string, { dryRun, ...rest }: PullOptions) => {
        const { planModelPull, pullIntoLibrary } = await import('../../../engine/service/downloads.ts');
        const { home, environment, signal, message } = context;
        const request = { repo, ...rest };
        if (dryRun) {
          const plan = await planModelPull(home, request, environment, signal);
          return { value: plan, text: planText(plan) };
        }
        const model = await pullIntoLibrary(home, request, environment, context, (plan) => message(planText(plan)));
        return { value: model, text: modelText(model) };
      }),
    );
}

export function addDiscard(models: Command, act: Act): void {
  models
    .command('discard')
    .argument('<name>', 'an unfinished download, as dept models list names it')
    .description('remove what is there of an unfinished download')
    .action(
      act(async ({ home }, name: string) => {
        const { discardDownload } = await import('../../../engine/service/downloads.ts');
        discardDownload(home, name);
        return { value: { discarded: name }, text: `Discarded ${name}` };
      }),
    );
}
