/** What runs, tasks, methods, parameter groups and metrics are called in the app, and how a metric is written. Pure. */
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { fixed, measured } from '../../lib/formats.ts';

export const taskNames = { vqa: 'Questions', caption: 'Captions' } as const;

/** `Questions on scenes`; the id where a broken config does not tell. */
export function runTitle({ id, task, dataset }: Pick<RunSummary, 'id' | 'task' | 'dataset'>): string {
  return [task && taskNames[task], dataset].filter(Boolean).join(' on ') || id;
}

/** The end of the id, which tells two runs of one title apart: `68d8`. */
export function shortId(id: string): string {
  return id.split('-').at(-1) ?? id;
}

/** By the name in the config. */
export const methodNames: Readonly<Record<string, string>> = { dept: 'DePT', 'prompt-tuning': 'Prompt tuning' };

/** By the name of the learning rate. */
export const groupNames: Readonly<Record<string, string>> = {
  prompt: 'Soft prompt',
  lowRank: 'Low-rank update',
  projection: 'Visual projection',
};

/** VQA accuracy is in percent, all others are plain ratios. */
export function metricText(name: string, value: number): string {
  return name === 'accuracy' ? `${fixed(value, 1)} %` : fixed(value, 3);
}

/** The same beside the axis of a chart, as round as its steps. */
export function metricOnAxis(name: string, value: number): string {
  return name === 'accuracy' ? `${measured(value, 3)} %` : measured(value, 3);
}

/** `Accuracy` for the metric that the engine writes small; the others have names of their own. */
export function metricLabel(name: string): string {
  return name === 'accuracy' ? 'Accuracy' : name;
}

export function lossText(value: number | undefined): string {
  if (value === undefined) return '–';
  return value >= 0.001 && value < 100 ? fixed(value, 3) : measured(value, 3);
}
