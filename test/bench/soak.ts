/**
 * The resident memory of a run over many steps, with evaluations and checkpoints among them: flat, or something is kept that nobody
 * needs. `node test/bench/soak.ts [steps]` trains the bundled models on a drawn dataset, fits a line to the memory that the run's own
 * metrics hold, without the first quarter, and fails where it rises too much.
 */
import { rmSync } from 'node:fs';
import { parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { RunFolder } from '../../engine/runs/run-folder.ts';
import { openService } from '../../engine/service/service.ts';
import { sampleHome, shortConfig } from '../e2e/prepared-home.ts';
import { type Measurement, report } from './measurements.ts';

const STEPS = 2000;
/** Buffers and compiled code grow at first. */
const WARM = 0.25;

/** Least squares: how much y rises with each x. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const both = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return both / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

async function* measure(home: string, steps: number): AsyncGenerator<Measurement[]> {
  const config = parseTrainConfig(
    shortConfig('vqa', {
      steps,
      batchSize: 2,
      evaluation: { every: steps / 20, limit: 8, patience: null },
      checkpoint: { every: steps / 20 },
    }),
  );
  const { folder, seconds } = await openService({ home }).train(config);
  const lines = new RunFolder(folder).read('metrics').values as { step: number; loss?: number; memory: number }[];
  const points = lines.flatMap(({ step, loss, memory }): [number, number][] =>
    loss === undefined || step <= steps * WARM ? [] : [[step, memory / 1e6]],
  );
  if (points.length !== steps * (1 - WARM)) throw new Error(`There are ${points.length} steps with memory`);
  const memory = points.map(([, megabytes]) => megabytes);
  yield [
    { what: `${steps} steps`, value: seconds, unit: 's' },
    { what: 'resident memory after the first quarter, least', value: Math.min(...memory), unit: 'MB' },
    { what: 'the same, most', value: Math.max(...memory), unit: 'MB' },
    { what: 'the same, rise in 1,000 steps (least squares)', value: 1000 * slopeOf(points), unit: 'MB', limit: 5 },
  ];
}

const home = await sampleHome();
try {
  if ((await report('soak', 60, measure(home, Number(process.argv[2] ?? STEPS)))) > 0) process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
