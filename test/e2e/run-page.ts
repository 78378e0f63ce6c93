/** What a person sees of a run on its page, and training started without the form. */
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { PageCalls } from '../../engine/contract/api.ts';
import type { ContractClient } from '../../engine/contract/client.ts';
import { isOver, type JobRecord } from '../../engine/contract/job-records.ts';
import type { Task } from '../../engine/contract/train-config.ts';
import { goTo, patience } from './app.ts';
import { shortConfig } from './prepared-home.ts';
import { measuredSteps } from './run-folder.ts';

/** How many points the chart of the loss has, as a screen reader is told. */
export async function lossPoints(page: Page): Promise<number> {
  const told = await page
    .getByText(/^Loss: .*points?/)
    .first()
    .textContent({ timeout: patience });
  const words = /^Loss: ([\d,]+|one|no) point/.exec(told ?? '')?.[1] ?? 'no';
  return { no: 0, one: 1 }[words] ?? Number(words.replaceAll(',', ''));
}

/** Waits until so many points are drawn. */
export async function untilPoints(page: Page, least: number): Promise<void> {
  await expect.poll(() => lossPoints(page), { timeout: patience }).toBeGreaterThanOrEqual(least);
}

/** Waits until all that the run has on the disk is drawn, once. */
export async function untilAllPoints(page: Page, home: string, run: string): Promise<void> {
  await expect
    .poll(async () => (await lossPoints(page)) - measuredSteps(home, run).length, { timeout: patience })
    .toBe(0);
}

/** Waits until the badge beside the run's name says this. */
export async function untilState(page: Page, state: string, timeout = patience): Promise<void> {
  await page.locator('header').getByText(state, { exact: true }).first().waitFor({ timeout });
}

/** Settings of a run that nobody waits for to end. */
export const endlessRun = {
  steps: 20_000,
  batchSize: 2,
  evaluation: { every: 10_000, limit: 4 },
  checkpoint: { every: 5 },
};

/** Settings of a run that can be met in the middle, and be waited for. */
export const longerRun = { ...endlessRun, steps: 50, evaluation: { every: 25, limit: 4 } };

/** A page's way to ask, without the page. */
export type Client = ContractClient<PageCalls>;

/** Starts training without the form, and shows the run once it has a name. Gives the name. */
export async function train(
  client: Client,
  page: Page,
  changes: Readonly<Record<string, unknown>>,
  task: Task = 'vqa',
): Promise<string> {
  const params = { config: shortConfig(task, changes) };
  const { id } = await client.call('jobs.start', { call: 'train', params });
  const named = async (): Promise<string | false> => {
    const job = (await client.call('jobs.list', {})).find((one) => one.id === id);
    if (job?.error !== undefined) throw new Error(job.error.message);
    return job?.run ?? false;
  };
  const run = await vi.waitUntil(named, { timeout: patience });
  await goTo(page, `#/runs/${run}`);
  return run;
}

/** Asks all work to stop and save, and waits for it. */
export async function stopWork(client: Client): Promise<void> {
  const active = async (): Promise<JobRecord[]> => (await client.call('jobs.list', {})).filter((job) => !isOver(job));
  for (const { id } of await active()) await client.call('jobs.cancel', { job: id });
  await expect.poll(active, { timeout: patience }).toEqual([]);
}
