/** Which runs a list shows: by words, by task, by state. Pure. */
import type { RunState, RunSummary } from '../../../engine/contract/runs.ts';
import { methodNames, taskNames } from './run-names.ts';

export interface RunFilter {
  /** Words that must all occur somewhere in what the list says of a run. */
  readonly text: string;
  /** Empty: any. */
  readonly task: string;
  readonly state: string;
}

/** The states as a person asks for them; `active` stands for all that is not over. */
export const stateGroups = {
  active: ['created', 'running'],
  finished: ['finished'],
  open: ['stopped', 'interrupted'],
  failed: ['failed'],
} as const satisfies Record<string, readonly RunState[]>;

function wordsOf({ id, note, task, dataset, method, vision, language }: RunSummary): string {
  const parts = [id, note, task && taskNames[task], dataset, method, method && methodNames[method], vision, language];
  return parts.filter(Boolean).join('\n').toLowerCase();
}

export function filterRuns(runs: readonly RunSummary[], { text, task, state }: RunFilter): RunSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const states: readonly RunState[] | undefined = stateGroups[state as keyof typeof stateGroups];
  return runs.filter((run) => {
    if (task !== '' && run.task !== task) return false;
    if (states !== undefined && !states.includes(run.state)) return false;
    const said = wordsOf(run);
    return words.every((word) => said.includes(word));
  });
}
