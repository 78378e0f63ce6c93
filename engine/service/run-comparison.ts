/** Several runs side by side: what they scored, how far from a baseline, and where their configs differ. */
import { DeptError } from '../common/errors.ts';
import { configDifferences } from '../contract/config-differences.ts';
import type { RunComparison, RunSummary } from '../contract/runs.ts';
import { isFields } from '../runs/json-lines.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun } from '../runs/run-library.ts';
import type { MeasurementShelf } from './run-series.ts';
import { summarise } from './run-views.ts';

type Scores = RunComparison['runs'][number]['metrics'];

/** The metrics measured at the best step; without them the one that chose it. */
async function bestScores(run: RunFolder, shelf: MeasurementShelf): Promise<Scores> {
  const best = run.checkpoints.best();
  if (best === undefined) return {};
  const { evaluations } = await shelf.measured(run);
  const measured = evaluations.find(({ step }) => step === best.step)?.metrics;
  if (measured !== undefined) return numbersOf(measured);
  return best.metric === undefined ? {} : { [best.metric.name]: best.metric.value };
}

const isNumber = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === 'number';

/** Without what was not a number: JSON has null for it. */
function numbersOf(metrics: Readonly<Record<string, unknown>>): Scores {
  const groups = Object.entries(metrics).filter((entry): entry is [string, object] => isFields(entry[1]));
  return Object.fromEntries([
    ...Object.entries(metrics).filter(isNumber),
    ...groups.map(([name, group]) => [name, Object.fromEntries(Object.entries(group).filter(isNumber))] as const),
  ]);
}

/** Rows that are no metric, but said of every run. */
const facts: Readonly<Record<string, (run: RunSummary) => number | undefined>> = {
  'best step': ({ best }) => best?.step,
  steps: ({ step }) => step,
  seconds: ({ seconds }) => seconds,
  'trained parameters': ({ parameters }) => parameters?.trained,
};

function valueText(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Throws as `openRun`, `bad-file`, and `bad-input` where the baseline is none of the runs. */
export async function compareRuns(
  home: string,
  { runs: names, baseline }: { readonly runs: readonly string[]; readonly baseline?: string | undefined },
  shelf: MeasurementShelf,
): Promise<RunComparison> {
  const folders = names.map((name) => openRun(home, name));
  const ids = folders.map(({ id }) => id);
  const chosen = baseline === undefined ? ids[0]! : openRun(home, baseline).id;
  const base = ids.indexOf(chosen);
  if (base === -1) {
    const expected = `one of ${ids.join(', ')}`;
    throw new DeptError('bad-input', 'The baseline is none of the runs', { expected, got: chosen });
  }
  const scores = await Promise.all(folders.map((run) => bestScores(run, shelf)));
  const runs = folders.map((run, i) => ({ ...summarise(run), metrics: scores[i]! }));
  const row = (name: string, values: readonly (number | undefined)[]) => {
    const of = values[base];
    return {
      name,
      values: values.map((value) => value ?? null),
      differences: values.map((value) => (value === undefined || of === undefined ? null : value - of)),
    };
  };
  const isPlain = (name: string): boolean => runs.some(({ metrics }) => typeof metrics[name] === 'number');
  const scored = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))].filter(isPlain);
  return {
    baseline: chosen,
    runs,
    metrics: [
      ...scored.map((name) =>
        row(
          name,
          runs.map(({ metrics }) => metrics[name] as number | undefined),
        ),
      ),
      ...Object.entries(facts).map(([name, fact]) => row(name, runs.map(fact))),
    ],
    settings: configDifferences(folders.map((run) => run.record().config)).map(({ path, values }) => {
      return { path, values: values.map(valueText) };
    }),
  };
}
