/**
 * The estimate of a run beside the run: `node test/bench/estimate.ts [model...]`, by default the bundled T5 and random ones
 * of two published sizes. Each run has a process of its own. Prints a JSON line for each, then a table; 3 GB of disk.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { bundledModels, presets } from '../../engine/contract/presets.ts';
import type { Task, TrainConfig } from '../../engine/contract/train-config.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { sizes, writeRandomT5 } from '../../engine/service/bench/random-t5.ts';
import { estimateRun } from '../../engine/service/estimate.ts';
import { ensureSampleDataset, sampleRecipe } from '../../engine/service/sample.ts';
import { startRun } from '../../engine/service/training-run.ts';

interface Row {
  readonly model: string;
  readonly task: Task;
  readonly batchSize: number;
  readonly dropout: number;
  /** Seconds per step; the measured one is the median. */
  readonly estimated: number;
  readonly measured: number;
  /** Of the training process once it has evaluated, in bytes. */
  readonly estimatedMemory: number;
  readonly measuredMemory: number;
}

const isSize = (model: string): model is keyof typeof sizes => model in sizes;

/** An evaluation comes at step 5, so that the steps after it are measured with all that a run keeps. */
function configOf(model: string, task: Task, dropout: number): TrainConfig {
  return parseTrainConfig({
    ...presets.quick(task),
    dataset: { name: sampleRecipe().name },
    language: { model },
    batchSize: isSize(model) ? 16 : 32,
    dropout,
    steps: isSize(model) ? 8 : 60,
    schedule: { warmupSteps: 0 },
    evaluation: { every: 5, limit: 64, beams: task === 'vqa' ? 1 : 3 },
  });
}

async function measure(home: string, model: string, task: Task, dropout: number): Promise<Row> {
  const config = configOf(model, task, dropout);
  const { batchSize } = config;
  const { secondsPerStep, memory } = await estimateRun(home, config);
  const { run } = await startRun(home, config, {});
  const lines = openRun(home, run).read('metrics').values as { samplesPerSecond?: number; memory?: number }[];
  const times = lines.flatMap(({ samplesPerSecond }) => (samplesPerSecond ? batchSize / samplesPerSecond : []));
  return {
    model,
    task,
    batchSize,
    dropout,
    estimated: secondsPerStep,
    measured: times.slice(1).sort((a, b) => a - b)[(times.length - 1) >> 1]!,
    estimatedMemory: memory.total,
    measuredMemory: Math.max(...lines.map((line) => line.memory ?? 0)),
  };
}

async function measureAll(models: readonly string[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dept-estimate-'));
  try {
    await ensureSampleDataset(home, sampleRecipe(), {});
    const rows: Row[] = [];
    for (const model of models) {
      if (isSize(model)) writeRandomT5(join(home, 'models', model), model);
      for (const [task, dropout] of [
        ['vqa', 0],
        ['vqa', 0.1],
        ['caption', 0],
      ] as const) {
        const args = [fileURLToPath(import.meta.url), '--one', home, model, task, String(dropout)];
        const line = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
        process.stdout.write(line);
        rows.push(JSON.parse(line) as Row);
      }
    }
    console.table(
      rows.map(({ model, task, dropout, ...row }) => ({
        run: `${model} ${task}, batch ${row.batchSize}, dropout ${dropout}`,
        's/step estimated': row.estimated.toFixed(3),
        measured: row.measured.toFixed(3),
        'ratio of times': (row.estimated / row.measured).toFixed(2),
        'GB estimated': (row.estimatedMemory / 1e9).toFixed(2),
        'GB measured': (row.measuredMemory / 1e9).toFixed(2),
        'ratio of memory': (row.estimatedMemory / row.measuredMemory).toFixed(2),
      })),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const [first, ...others] = process.argv.slice(2);
if (first === '--one') {
  const [home, model, task, dropout] = others as [string, string, Task, string];
  console.log(JSON.stringify(await measure(home, model, task, Number(dropout))));
} else {
  const models = [first, ...others].filter((model) => model !== undefined);
  await measureAll(models.length > 0 ? models : [bundledModels.language, 't5-small', 't5-base']);
}
