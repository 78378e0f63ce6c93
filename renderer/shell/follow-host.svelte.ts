/** Keeps what the whole page shows as the host has it: jobs, settings and with them the theme, the engine's processes. */
import { untrack } from 'svelte';
import { describeError } from '../../engine/contract/errors.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import { isOver, type JobRecord } from '../../engine/contract/job-records.ts';
import { endInWords, laneOf, lossInWords, placeOfJob } from '../lib/job-words.ts';
import { appSettings } from '../state/app-settings.svelte.ts';
import { connection } from '../state/connection.svelte.ts';
import { engineStatus } from '../state/engine-status.svelte.ts';
import { jobs } from '../state/jobs.svelte.ts';
import { pictures } from '../state/pictures.svelte.ts';
import { theme } from '../state/theme.svelte.ts';
import { toasts } from '../state/toasts.svelte.ts';

/** A library process that is lost again within this time, in milliseconds, is not woken any more by itself. */
const wakeAgainAfter = 10_000;

let wokenAt = Number.NEGATIVE_INFINITY;

/** To be called once, while the app is set up. */
export function followHost(): void {
  connection.open();
  jobs.actions = {
    cancel: (job) => ask(connection.call('jobs.cancel', { job })),
    pause: (job, paused) => ask(connection.call('jobs.pause', { job, paused })),
    dismiss: (job) => ask(connection.call('jobs.dismiss', { job })),
    resume: (run) => ask(connection.start('resume', { run })),
  };
  $effect(() => connection.listen(hear));
  $effect(() => {
    if (connection.generation > 0) catchUp();
  });
  $effect(() => {
    if (connection.state === 'open') engineIs('ready');
    else if (connection.state === 'no-session') engineIs('lost', 'The link of this page is used up');
    else engineIs('connecting');
  });
  $effect(() => {
    if (appSettings.value !== undefined) theme.choice = appSettings.value.theme;
  });
}

function ask(answer: Promise<unknown>): void {
  answer.catch((cause: unknown) => toasts.fail(cause));
}

/** What was missed while there was no connection. */
function catchUp(): void {
  void appSettings.load();
  askForPictures();
  ask(
    connection.call('jobs.list', {}).then((list) => {
      jobs.list = list;
    }),
  );
}

function hear(event: AppEvent): void {
  switch (event.type) {
    case 'job':
      hearOfJob(event.job);
      break;
    case 'job-removed':
      jobs.remove(event.job);
      jobs.watched.delete(event.job);
      break;
    case 'settings':
      appSettings.take(event.settings);
      break;
    case 'engine':
      hearOfEngine(event);
      break;
    case 'changed':
      break; // for the views
  }
}

function hearOfJob(job: JobRecord): void {
  const before = jobs.list.find(({ id }) => id === job.id);
  jobs.put(job);
  const words = endInWords(job);
  if (words === undefined || (before !== undefined && isOver(before))) return;
  if (words.tone === 'bad' && jobs.watched.has(job.id)) return;
  const place = placeOfJob(job);
  const isThere = place === undefined || location.hash.startsWith(place.href);
  toasts.show(
    words.tone,
    words.text,
    words.tone === 'bad' && !isThere
      ? { label: `Show ${place.label.toLowerCase()}`, run: () => (location.hash = place.href) }
      : undefined,
    words.tone === 'bad' && job.error ? `${job.title}\n${describeError(job.error)}` : undefined,
  );
}

function hearOfEngine({ lane, state, reason }: Extract<AppEvent, { type: 'engine' }>): void {
  if (state === 'lost') {
    const words = lossInWords(lane, reason);
    if (lane === 'library') wakeLibrary(words);
    // A job of the lane tells of its end itself.
    else if (!jobs.active.some((job) => laneOf(job) === lane))
      toasts.show('info', `${words}. It starts again when it is needed`);
  } else if (lane === 'library') engineIs('ready');
}

/** Nothing can be read without it: it is started again at once, but a process that cannot live is not started for ever. */
function wakeLibrary(words: string): void {
  const wake = (): void => {
    wokenAt = performance.now();
    engineIs('recovering', words);
    connection.call('models.list', {}).then(askForPictures, () => {}); // its end is told by the events
  };
  if (performance.now() - wokenAt > wakeAgainAfter) wake();
  else engineIs('lost', words, wake);
}

function askForPictures(): void {
  untrack(() => (pictures.round += 1));
}

function engineIs(state: typeof engineStatus.state, detail = '', retry?: () => void): void {
  engineStatus.state = state;
  engineStatus.detail = detail;
  engineStatus.retry = retry;
}
