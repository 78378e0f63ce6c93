/** What a comparison of runs shows: which runs, in which colours, which way is better, how values are written. Pure. */
import { configLeaves } from '../../../engine/contract/config-differences.ts';
import type { RunComparison } from '../../../engine/contract/runs.ts';
import { count, duration } from '../../lib/formats.ts';
import { metricLabel, metricText } from '../runs/run-names.ts';

/** The most that the engine compares. */
export const MOST_RUNS = 50;

/** Each run once, in the order of the address. */
export function readRuns(written: string): string[] {
  return [...new Set(written.split(',').filter((run) => run !== ''))].slice(0, MOST_RUNS);
}

const COLOURS = 8;

/** Gives a run a colour of the palette and leaves it that one, however the others come and go. */
export class RunColours {
  readonly #colours = new Map<string, number>();

  /** 1 to 8, for each of the runs that are shown; the least used among them for a new one. */
  of(runs: readonly string[]): ReadonlyMap<string, number> {
    for (const run of runs) {
      if (this.#colours.has(run)) continue;
      const used = runs.flatMap((other) => this.#colours.get(other) ?? []);
      const times = (colour: number): number => used.filter((one) => one === colour).length;
      const palette = Array.from({ length: COLOURS }, (_, position) => position + 1);
      this.#colours.set(
        run,
        palette.reduce((least, colour) => (times(colour) < times(least) ? colour : least)),
      );
    }
    return new Map(runs.map((run) => [run, this.#colours.get(run)!]));
  }
}

export interface Measure {
  readonly label: string;
  readonly text: (value: number) => string;
  /** Undefined: neither way. */
  readonly better: 'higher' | 'lower' | undefined;
  /** Of a difference. */
  readonly digits: number;
  readonly unit: string;
  /** Writes the size of a difference, in place of digits and unit. */
  readonly write?: (size: number) => string;
}

/** What the engine adds beside the metrics, by its name there. */
const facts: Readonly<Record<string, Measure>> = {
  'best step': { label: 'Best step', text: count, better: undefined, digits: 0, unit: '' },
  steps: { label: 'Steps done', text: count, better: undefined, digits: 0, unit: '' },
  seconds: { label: 'Training time', text: duration, better: undefined, digits: 0, unit: '', write: duration },
  'trained parameters': { label: 'Trained parameters', text: count, better: undefined, digits: 0, unit: '' },
};

export function measureOf(name: string): Measure {
  const fact = facts[name];
  if (fact !== undefined) return fact;
  return {
    label: metricLabel(name),
    text: (value) => metricText(name, value),
    better: name === 'loss' ? 'lower' : 'higher',
    digits: name === 'accuracy' ? 1 : 3,
    unit: name === 'accuracy' ? ' points' : '',
  };
}

/** Null where a config has no such field. */
export type SettingRows = RunComparison['settings'];

function settingText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Every field of every config, in the order of the first config that has it. */
export function allSettings(configs: readonly object[]): SettingRows {
  const tables = configs.map((config) => new Map(configLeaves(config)));
  const paths = new Set(tables.flatMap((table) => [...table.keys()]));
  return [...paths].map((path) => ({
    path,
    values: tables.map((table) => (table.has(path) ? settingText(table.get(path)) : null)),
  }));
}
