/** What the address of the form asks for: a start, a task, things of the library. Pure. */
import { presets } from '../../../engine/contract/presets.ts';
import type { Query } from '../../lib/page-routes.ts';
import type { Start, TrainForm } from './train-form.svelte.ts';

/** Keys of the address that say what the form begins with. */
const askedKeys = ['from', 'preset', 'task', 'dataset', 'vision', 'language'] as const;

export function askedOf(query: Query): Query {
  return Object.fromEntries(askedKeys.flatMap((key) => (query[key] ? [[key, query[key]]] : [])));
}

const places = { dataset: 'dataset.name', vision: 'vision.model', language: 'language.model' } as const;

/** Lays what the address asks for over the form; without a word in it the draft stays as it is. */
export function applyAsked(form: TrainForm, query: Query): void {
  const task = query.task === 'vqa' || query.task === 'caption' ? query.task : form.task;
  const isPreset = query.preset !== undefined && Object.hasOwn(presets, query.preset);
  const start: Start = isPreset ? { kind: 'preset', preset: query.preset as keyof typeof presets } : form.start;
  const isNew = isPreset || task !== form.task || query.vision !== undefined || query.language !== undefined;
  // A preset's own models would stand in the way of the one that was asked for.
  if (isNew) form.begin(start, task);
  for (const [key, path] of Object.entries(places)) {
    if (query[key]) form.set(path, query[key]);
  }
}
