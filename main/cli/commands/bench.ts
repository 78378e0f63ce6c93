/** `dept bench`: how fast this machine trains, decodes and reads pictures, and in how much memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DeptError, type ErrorRecord } from '../../../engine/common/errors.ts';
import { writeAtomic } from '../../../engine/common/files.ts';
import type { BenchSubject, Measured, Measurement, StepShapeName } from '../../../engine/service/bench/measurements.ts';
import { collect, positive } from '../arguments.ts';
import { benchInChild } from '../bench-child.ts';
import type { Act, Context } from '../context.ts';
import { bytes } from '../numbers.ts';
import { table } from '../table.ts';

interface BenchOptions {
  readonly model?: readonly string[];
  readonly shape?: readonly StepShapeName[];
  readonly what: BenchSubject | 'all';
  readonly repeat: number;
  readonly threads: number | null;
  readonly output?: string;
}

interface Refused {
  readonly measurement: Measurement;
  readonly error: ErrorRecord;
}

const describe = (measurement: Measurement): string => {
  const { what, model } = measurement;
  if (what === 'features') return `Measuring features of ${model}`;
  if (what === 'decoding') return `Measuring decoding of ${model}, beams ${measurement.shape.beams}`;
  const { name, promptLength } = measurement.method;
  return `Measuring a step of ${model}, ${measurement.shape}, ${name} ${promptLength}`;
};

/** One after another; what a measurement refuses is kept beside the results of the others. */
async function measureAll(
  { home, progress, signal }: Context,
  measurements: readonly Measurement[],
): Promise<{ readonly results: Measured[]; readonly refused: Refused[] }> {
  const scratch = mkdtempSync(join(tmpdir(), 'dept-bench-'));
  const [results, refused]: [Measured[], Refused[]] = [[], []];
  const tell = (task: string, done: number): void =>
    progress({ task, done, total: measurements.length, unit: 'measurements' });
  try {
    tell('Making random models', 0);
    await benchInChild({ prepare: measurements, scratch }, signal);
    for (const [done, measurement] of measurements.entries()) {
      tell(describe(measurement), done);
      try {
        results.push((await benchInChild({ measure: measurement, home, scratch }, signal))!);
      } catch (error) {
        if (!(error instanceof DeptError) || error.code === 'cancelled' || error.code === 'not-found') throw error;
        refused.push({ measurement, error: error.toRecord() });
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const [first] = refused;
  if (results.length === 0 && first !== undefined) {
    const { code, message, ...details } = first.error;
    throw new DeptError(code, message, details);
  }
  return { results, refused };
}

const machine = (): string =>
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, ${bytes(totalmem())} of memory, ${process.platform} ${process.arch}`;

async function write(path: string, results: readonly Measured[]): Promise<void> {
  const [{ benchPlot }, { benchReport }] = await Promise.all([
    import('../../../engine/service/bench/plot.ts'),
    import('../../../engine/service/bench/report.ts'),
  ]);
  writeAtomic(path, extname(path) === '.svg' ? String(benchPlot(results)) : benchReport(results, machine()));
}

function checkOutput(output: string | undefined): void {
  if (output === undefined || ['.svg', '.html'].includes(extname(output))) return;
  throw new DeptError('bad-input', 'The output can be a plot or a report', {
    expected: 'a name that ends in .svg or .html',
    got: output,
  });
}

export function addBench(program: Command, act: Act): void {
  const shapes: readonly StepShapeName[] = ['vl', 'vl-1', 'glue'];
  const subjects: readonly BenchSubject[] = ['step', 'methods', 'decoding', 'features'];
  program
    .command('bench')
    .description('measure this machine: training step, DePT beside prompt tuning, decoding, features; memory of each')
    .option(
      '--model <model>',
      'small, base, large or 3b: T5 with random weights; or a T5 of the library (repeatable)',
      collect,
    )
    .addOption(new Option('--shape <shape>', `shape of the step: ${shapes.join(', ')} (repeatable)`).argParser(collect))
    .addOption(new Option('--what <what>', 'what to measure').choices([...subjects, 'all']).default('all'))
    .option('--repeat <count>', 'repetitions, of which the median counts', positive, 3)
    .option('--threads <count>', 'CPU threads; unless given: as many as there are cores', positive, null)
    .option('--output <file>', 'the plot (.svg) or a report (.html)')
    .action(
      act(async (context, { model, shape, what, repeat, threads, output }: BenchOptions) => {
        checkOutput(output);
        const wrong = shape?.find((name) => !shapes.includes(name));
        if (wrong !== undefined) {
          throw new DeptError('bad-input', 'There is no such shape', { expected: shapes.join(', '), got: wrong });
        }
        const [{ measurementsOf }, { benchTables }] = await Promise.all([
          import('../../../engine/service/bench/measurements.ts'),
          import('../../../engine/service/bench/tables.ts'),
        ]);
        const measurements = measurementsOf({
          models: model ?? ['base'],
          shapes: shape ?? ['vl'],
          subjects: what === 'all' ? subjects : [what],
          repeat,
          threads,
        });
        const { results, refused } = await measureAll(context, measurements);
        if (output !== undefined) await write(resolve(output), results);
        const text = [
          machine(),
          ...benchTables(results).map(({ title, headings, rows }) => `${title}\n${table(headings, rows)}`),
          ...refused.map(
            ({ measurement, error }) =>
              `${describe(measurement)}: ${new DeptError(error.code, error.message, error).describe()}`,
          ),
          ...(output === undefined ? [] : [`Wrote ${resolve(output)}`]),
        ].join('\n\n');
        return { value: { machine: machine(), results, refused }, text };
      }),
    );
}
