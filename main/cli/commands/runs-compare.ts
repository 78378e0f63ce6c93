/** `dept runs compare`: the metrics of several runs side by side, and only what differs of their configs. */
import type { Command } from 'commander';
import { DeptError } from '../../../engine/common/errors.ts';
import { configDifferences } from '../../../engine/contract/config-differences.ts';
import type { Metrics } from '../../../engine/contract/metrics.ts';
import type { RunFolder } from '../../../engine/runs/run-folder.ts';
import type { Act } from '../context.ts';
import { cell, table } from '../table.ts';

/** The metrics measured at the best step; without them the one that chose it. */
function bestMetrics(run: RunFolder): Metrics {
  const best = run.checkpoints.best();
  if (best === undefined) return {};
  const isEvaluation = (line: unknown): line is { step: number; metrics: Metrics } =>
    typeof line === 'object' && line !== null && 'metrics' in line && 'step' in line && line.step === best.step;
  const measured = run.read('metrics').values.filter(isEvaluation).at(-1)?.metrics;
  return measured ?? (best.metric === undefined ? {} : { [best.metric.name]: best.metric.value });
}

export function addCompare(runs: Command, act: Act): void {
  runs
    .command('compare')
    .argument('<run...>', 'two runs or more')
    .description('metrics side by side, and where the configs differ')
    .action(
      act(async ({ home }, names: string[]) => {
        if (names.length < 2) throw new DeptError('bad-input', 'Comparing takes two runs or more');
        const { openRun } = await import('../../../engine/runs/run-library.ts');
        const runs = names.map((name) => openRun(home, name));
        const configs = runs.map((run) => run.record().config as object);
        const differences = configDifferences(configs);
        const metrics = runs.map(bestMetrics);

        const ids = runs.map(({ id }) => id);
        const isPlain = (name: string): boolean => metrics.some((one) => typeof one[name] === 'number');
        const metricNames = [...new Set(metrics.flatMap((one) => Object.keys(one)))].filter(isPlain);
        const metricRows = metricNames.map((name) => [name, ...metrics.map((one) => one[name] as number | undefined)]);
        const configRows = differences.map(({ path, values }) => [path, ...values.map(cell)]);
        const steps = ['best step', ...runs.map((run) => run.checkpoints.best()?.step)];
        const text = [
          table(['', ...ids], [steps, ...metricRows]),
          configRows.length === 0 ? 'The configs are equal.' : table(['setting', ...ids], configRows),
        ];
        const value = { runs: ids.map((run, index) => ({ run, metrics: metrics[index] })), differences };
        return { value, text: text.join('\n\n') };
      }),
    );
}
