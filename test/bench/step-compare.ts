/**
 * Training steps side by side: `node test/bench/step-compare.ts [--python PATH] [--rounds N] [--steps N]
 * [--what vl|glue|memory]`. On a T5-base of random weights: the VL shape in float32, in int8 and in PyTorch; the GLUE shape
 * under DePT and under prompt tuning, and in less memory. Each measurement is a process; the sides take turns, round by round,
 * so that what else the machine does hits all alike. Prints tables and a JSON line. Without --python there is no PyTorch.
 * Linux; 2 GB of disk.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomT5 } from '../../engine/service/bench/random-t5.ts';
import { median } from '../../engine/service/bench/timing.ts';
import type { OwnMeasure, StepMeasure } from './step.ts';
import { glue, type StepWork, visionLanguage, writeCase } from './step-case.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '3' },
    what: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'dept-step-'));
const t5 = join(folder, visionLanguage.model);
const place = (name: string): string => join(import.meta.dirname, name);

function printed<T>(command: string, args: readonly string[]): T {
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as T;
}

const ours = (name: string, ...args: readonly string[]): OwnMeasure =>
  printed(process.execPath, [place('step.ts'), join(folder, name), t5, ...args]);
const torch = (name: string, ...args: readonly string[]): StepMeasure =>
  printed(values.python!, [place('peer/step.py'), join(folder, name), t5, ...args]);

/** Each side once a round; of each the median of all its steps, and its most memory. */
function inTurn(sides: Readonly<Record<string, () => StepMeasure>>) {
  const rounds = Array.from({ length: Number(values.rounds) }, () =>
    Object.entries(sides).map(([side, run]) => [side, run()] as const),
  ).flat();
  return Object.fromEntries(
    Object.keys(sides).map((side) => {
      const own = rounds.flatMap(([name, measure]) => (name === side ? [measure] : []));
      const { flops, machineFlops, activations } = own[0] as Partial<OwnMeasure>;
      const seconds = median(own.flatMap((measure) => measure.seconds));
      const rate = machineFlops && median(own.map((measure) => (measure as OwnMeasure).machineFlops));
      return [
        side,
        {
          seconds,
          memory: Math.max(...own.map(({ memory }) => memory)),
          ...(flops && rate ? { activations, gflops: flops / seconds / 1e9, ofMachine: flops / seconds / rate } : {}),
        },
      ];
    }),
  );
}

function largestDifference(name: string): number {
  const [own, peer] = [ours, torch].map((run) => run(name, '--dropout', '0', '--steps', values.steps).losses);
  return Math.max(...own!.map((loss, i) => Math.abs(loss - peer![i]!)));
}

/** The VL shape: our ways beside PyTorch. */
function compareVisionLanguage(): object {
  writeCase(join(folder, 'vl'), t5, visionLanguage);
  const steps = ['--steps', values.steps];
  const sides = inTurn({
    float32: () => ours('vl', ...steps),
    'float32, shared': () => ours('vl', ...steps, '--shared'),
    'float32, shared, 8 at a time': () => ours('vl', ...steps, '--shared', '--micro', '8'),
    int8: () => ours('vl', ...steps, '--precision', 'int8'),
    ...(values.python === undefined ? {} : { torch: () => torch('vl', ...steps) }),
  });
  console.table(sides);
  return values.python === undefined ? sides : { ...sides, lossDifference: largestDifference('vl') };
}

/** The GLUE shape: DePT beside prompt tuning, with texts of s tokens and of GLUE's own length, 64 at the longest of a batch. */
function compareMethods(): object {
  const shapes: Record<string, StepWork> = {};
  for (const text of [glue.text, 64]) {
    shapes[`dept, texts of ${text}`] = { ...glue, text };
    shapes[`pt, texts of ${text}`] = { ...glue, text, method: 'prompt-tuning', promptLength: 100, rank: 0 };
  }
  for (const [name, shape] of Object.entries(shapes)) writeCase(join(folder, name), t5, shape);
  const sides = inTurn(
    Object.fromEntries(Object.keys(shapes).map((name) => [name, () => ours(name, '--steps', values.steps)])),
  );
  console.table(sides);
  return sides;
}

/** The GLUE shape: less memory by fewer examples at one time, and by values that are computed twice. */
function compareMemory(): object {
  writeCase(join(folder, 'glue'), t5, glue);
  const side =
    (...args: readonly string[]) =>
    () =>
      ours('glue', '--steps', values.steps, '--shared', ...args);
  const sides = inTurn({
    'whole batches': side(),
    'whole batches, recomputed': side('--recompute'),
    'single examples': side('--micro', '1'),
    'single examples, recomputed': side('--micro', '1', '--recompute'),
  });
  console.table(sides);
  return sides;
}

const comparisons = { vl: compareVisionLanguage, glue: compareMethods, memory: compareMemory };

try {
  writeRandomT5(t5, visionLanguage.model);
  const chosen = Object.entries(comparisons).filter(([name]) => values.what === undefined || values.what === name);
  console.log(JSON.stringify(Object.fromEntries(chosen.map(([name, compare]) => [name, compare()]))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
