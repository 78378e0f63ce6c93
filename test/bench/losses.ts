/**
 * What int8 matrices do to training: `node test/bench/losses.ts [--task vqa|caption] [--seeds N] [--home FOLDER]
 * [--output PLOT.svg]`. Trains the bundled models on the sample dataset as `dept demo` does, in float32 and in int8 side by
 * side, one core each, once for each seed. Prints a JSON line with the test score of every run, then a table, and draws the
 * loss curves of the first seed. About 15 minutes for a seed of both tasks on two cores. With `--runs ID,ID,...` it only
 * draws the curves of those runs of the home.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { writeAtomic } from '../../engine/common/files.ts';
import { layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presets } from '../../engine/contract/presets.ts';
import type { Task, TrainConfig } from '../../engine/contract/train-config.ts';
import { Measurements } from '../../engine/runs/measurements.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { type Html, html } from '../../engine/service/html.ts';
import { ensureSampleDataset, sampleRecipe } from '../../engine/service/sample.ts';
import { openService } from '../../engine/service/service.ts';

type Precision = TrainConfig['precision'];

interface Work {
  readonly task: Task;
  readonly precision: Precision;
  readonly seed: number;
}

interface Trained extends Work {
  readonly run: string;
  /** Of the task's own metric, on the test split, in points: CIDEr by 100. */
  readonly score: number;
}

interface Curve extends Work {
  readonly losses: readonly number[];
}

/** Steps whose mean loss is one point of a curve. */
const STRETCH = 25;
const METRIC = { vqa: 'accuracy', caption: 'CIDEr' } as const satisfies Record<Task, string>;
const COLOUR = { float32: '#2a5bd7', int8: '#a82a1c' } as const satisfies Record<Precision, string>;
const PANEL = { width: 340, height: 220, left: 40, top: 36, bottom: 40, gap: 40 } as const;

async function train(home: string, { task, precision, seed }: Work): Promise<Trained> {
  const service = openService({ home });
  const own = { task, precision, seed, threads: 1, dataset: { name: sampleRecipe().name } };
  const { run } = await service.train(parseTrainConfig(layOver(presets.bundled(task), own)));
  const { metrics } = await service.evaluate({ run, split: 'test', checkpoint: 'best' });
  const score = (metrics[METRIC[task]] as number) * (task === 'caption' ? 100 : 1);
  return { task, precision, seed, run, score };
}

/** In a process of its own. */
async function trainApart(home: string, work: Work): Promise<Trained> {
  const args = [fileURLToPath(import.meta.url), '--home', home, '--work', JSON.stringify(work)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  console.log(stdout.trim());
  return JSON.parse(stdout) as Trained;
}

async function curveOf(home: string, id: string): Promise<Curve> {
  const run = openRun(home, id);
  const measured = new Measurements(run.logPath('metrics'));
  await measured.update();
  const { task, precision, seed } = run.record().config as unknown as TrainConfig;
  return { task, precision, seed, losses: measured.steps.loss };
}

/** The mean of each whole stretch. */
function smoothed(losses: readonly number[]): number[] {
  return Array.from({ length: Math.floor(losses.length / STRETCH) }, (_, i) => {
    const own = losses.slice(i * STRETCH, (i + 1) * STRETCH);
    return own.reduce((sum, loss) => sum + loss, 0) / own.length;
  });
}

/** The curves of one task; both axes start at zero. */
function panel(task: Task, runs: readonly Curve[], at: number): Html {
  const { width, height, left, top, bottom } = PANEL;
  const curves = runs.map(({ precision, losses }) => ({ precision, points: smoothed(losses) }));
  const steps = Math.max(...runs.map(({ losses }) => losses.length));
  const most = Math.max(...curves.flatMap(({ points }) => points));
  const x = (step: number): string => (left + (step / steps) * (width - left)).toFixed(1);
  const y = (loss: number): string => (top + (1 - loss / most) * (height - top - bottom)).toFixed(1);
  return html`<g transform="translate(${at} 0)">
<text x="${left}" y="14" font-weight="600">${task}: loss, mean of ${STRETCH} steps</text>
${[0, most / 2, most].map(
  (loss) => html`<line x1="${left}" x2="${width}" y1="${y(loss)}" y2="${y(loss)}" stroke="#dde1e6"/>
<text x="${left - 6}" y="${Number(y(loss)) + 4}" text-anchor="end" fill="#56616e">${loss.toFixed(1)}</text>
`,
)}<text x="${left}" y="${height - bottom + 18}" fill="#56616e">0</text>
<text x="${width}" y="${height - bottom + 18}" text-anchor="end" fill="#56616e">step ${steps}</text>
${curves.map(
  (
    { precision, points },
    i,
  ) => html`<polyline points="${points.map((loss, k) => `${x((k + 0.5) * STRETCH)},${y(loss)}`).join(' ')}" fill="none" stroke="${COLOUR[precision]}" stroke-width="1.5"/>
<text x="${width}" y="${top + 14 + 18 * i}" text-anchor="end" fill="${COLOUR[precision]}">${precision}</text>
`,
)}</g>
`;
}

function plot(runs: readonly Curve[]): string {
  const { width, height, gap } = PANEL;
  const panels = [...Map.groupBy(runs, ({ task }) => task)];
  const [wide, high] = [panels.length * (width + gap) + gap, height + gap];
  return String(html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="#1a1f26">
<title>Training loss with frozen matrices in float32 and in int8</title>
<rect width="${wide}" height="${high}" fill="#ffffff"/>
<g transform="translate(${gap / 2} ${gap / 2})">${panels.map(([task, own], i) => panel(task, own, i * (width + gap)))}</g></svg>
`);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean score by task and precision, and the mean of what int8 changes for one seed. */
function summary(runs: readonly Trained[]) {
  return [...Map.groupBy(runs, ({ task }) => task)].map(([task, own]) => {
    const scores = (precision: Precision) => own.filter((one) => one.precision === precision).map(({ score }) => score);
    const [float32, int8] = [scores('float32'), scores('int8')];
    return {
      task,
      float32: mean(float32),
      int8: mean(int8),
      difference: mean(int8) - mean(float32),
      seeds: int8.length,
    };
  });
}

async function draw(home: string, runs: readonly string[], output: string): Promise<void> {
  writeAtomic(output, plot(await Promise.all(runs.map((run) => curveOf(home, run)))));
}

async function compare(
  home: string,
  chosen: readonly Task[],
  seeds: number,
  output: string | undefined,
): Promise<void> {
  await ensureSampleDataset(home, sampleRecipe(), {});
  const runs: Trained[] = [];
  for (const task of chosen) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const sides = (['float32', 'int8'] as const).map((precision) => trainApart(home, { task, precision, seed }));
      runs.push(...(await Promise.all(sides)));
    }
  }
  console.table(summary(runs));
  const first = runs.filter(({ seed }) => seed === 1);
  if (output !== undefined)
    await draw(
      home,
      first.map(({ run }) => run),
      output,
    );
}

const { values } = parseArgs({
  options: {
    task: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    home: { type: 'string' },
    output: { type: 'string' },
    runs: { type: 'string' },
    work: { type: 'string' },
  },
});
const home = values.home ?? mkdtempSync(join(tmpdir(), 'dept-losses-'));
try {
  if (values.work !== undefined) {
    console.log(JSON.stringify(await train(home, JSON.parse(values.work) as Work)));
  } else if (values.runs !== undefined) {
    await draw(home, values.runs.split(','), values.output!);
  } else {
    const chosen = values.task === undefined ? (['vqa', 'caption'] as const) : [values.task as Task];
    await compare(home, chosen, Number(values.seeds), values.output);
  }
} finally {
  if (values.home === undefined) rmSync(home, { recursive: true, force: true });
}
