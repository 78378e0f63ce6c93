/** `dept runs`: what has been trained. */
import type { Command } from 'commander';
import type { Act } from '../context.ts';
import { decimal } from '../numbers.ts';
import { type Cell, cell, facts, table } from '../table.ts';
import { addCompare } from './runs-compare.ts';

/** Loaded when a command runs: `dept --help` needs none of it. */
const openLibrary = () => import('../../../engine/runs/run-library.ts');

/** A value of a run's config, which may be of any age. */
function setting(config: unknown, path: string): Cell {
  const value = path.split('.').reduce((part, key) => (part as Record<string, unknown> | undefined)?.[key], config);
  return cell(value);
}

type Mark = { readonly step: number; readonly metric?: { readonly name: string; readonly value: number } | undefined };

function markText(mark: Mark | undefined): string | undefined {
  if (mark === undefined) return undefined;
  const { step, metric } = mark;
  return metric === undefined ? `step ${step}` : `${metric.name} ${decimal(metric.value)} at step ${step}`;
}

function addList(runs: Command, act: Act): void {
  runs
    .command('list')
    .description('all runs, oldest first')
    .action(
      act(async ({ home, message }) => {
        const { listRuns } = await openLibrary();
        const { runs, broken } = listRuns(home);
        for (const { name, error } of broken) message(`${name} cannot be read: ${error.describe()}`);
        const rows = runs.map(({ id, record: { config }, state, last, best }) => [
          id,
          setting(config, 'task'),
          setting(config, 'dataset.name'),
          setting(config, 'method.name'),
          state,
          last?.step,
          markText(best),
        ]);
        const headings = ['run', 'task', 'dataset', 'method', 'state', 'step', 'best'];
        const text = rows.length === 0 ? 'No runs yet. Make one: dept demo, or dept train' : table(headings, rows);
        return { value: { runs, broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })) }, text };
      }),
    );
}

function addShow(runs: Command, act: Act): void {
  runs
    .command('show')
    .argument('<run>', 'run id, or its beginning')
    .description('one run in full')
    .action(
      act(async ({ home }, name: string) => {
        const { openRun } = await openLibrary();
        const run = openRun(home, name);
        const record = run.record();
        const state = run.state();
        const { checkpoints, folder } = run;
        const [last, best, steps] = [checkpoints.last(), checkpoints.best(), checkpoints.steps()];
        const text = facts([
          ['run', run.id],
          ['created', record.created],
          ['state', state],
          ['last', markText(last)],
          ['best', markText(best)],
          ['checkpoints', steps.length === 0 ? undefined : steps.join(', ')],
          ['folder', folder],
        ]);
        const config = JSON.stringify(record.config, null, 2);
        return { value: { ...record, state, folder, last, best, checkpoints: steps }, text: `${text}\n\n${config}` };
      }),
    );
}

function addRemove(runs: Command, act: Act): void {
  runs
    .command('remove')
    .argument('<run>', 'run id, or its beginning')
    .description('remove a run with all its checkpoints, for good')
    .action(
      act(async ({ home }, name: string) => {
        const { openRun, removeRun } = await openLibrary();
        const { id } = openRun(home, name);
        removeRun(home, id);
        return { value: { removed: id }, text: `Removed ${id}` };
      }),
    );
}

export function addRuns(program: Command, act: Act): void {
  const runs = program.command('runs').description('what has been trained: list, show, compare, remove');
  for (const add of [addList, addShow, addCompare, addRemove]) add(runs, act);
}
