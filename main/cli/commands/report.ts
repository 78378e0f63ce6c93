/** `dept report`: a kept evaluation as one HTML file. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DeptError } from '../../../engine/common/errors.ts';
import { writeAtomic } from '../../../engine/common/files.ts';
import { evaluationReportSchema } from '../../../engine/contract/evaluations.ts';
import type { Act } from '../context.ts';
import { bytes } from '../numbers.ts';

interface ReportOptions {
  readonly evaluation?: string;
  readonly output: string;
}

export function addReport(program: Command, act: Act): void {
  program
    .command('report')
    .argument('<run>', 'evaluated run')
    .description('an evaluation as one HTML file: metrics, breakdowns, worst and best examples with their pictures')
    .requiredOption('--output <file>', 'where to write the report')
    .option('--evaluation <id>', 'which one, as dept eval names it; unless given: the newest')
    .action(
      act(async ({ home }, name: string, { evaluation, output }: ReportOptions) => {
        const [{ openRun }, { listEvaluations }, { htmlReport }] = await Promise.all([
          import('../../../engine/runs/run-library.ts'),
          import('../../../engine/service/evaluations.ts'),
          import('../../../engine/service/evaluation-report.ts'),
        ]);
        const { id: run } = openRun(home, name);
        const id = evaluation ?? listEvaluations(home, { run }).evaluations[0]?.id;
        if (id === undefined) {
          const remedy = `Evaluate it first: dept eval ${run}`;
          throw new DeptError('not-found', `The run '${run}' has no evaluation`, { remedy });
        }
        const path = resolve(output);
        const report = await htmlReport(home, evaluationReportSchema.parse({ run, id }));
        writeAtomic(path, report);
        const text = `Wrote the report of ${id}: ${path} (${bytes(Buffer.byteLength(report))})`;
        return { value: { run, evaluation: id, report: path }, text };
      }),
    );
}
