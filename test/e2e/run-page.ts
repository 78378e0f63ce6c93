/** What a person sees of a run on its page, and training started without the form. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type App, goTo, patience } from './app.ts';
import { shortConfig } from './prepared-home.ts';
import { answerTo, cookieOf, openSocket } from './requests.ts';

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

/** Waits until the badge beside the run's name says this. */
export async function untilState(page: Page, state: string): Promise<void> {
  await page.locator('header').getByText(state, { exact: true }).first().waitFor();
}

/** Settings of a run that lasts for seconds, saved often. */
export const longerRun = {
  steps: 200,
  evaluation: { every: 100, limit: 4 },
  checkpoint: { every: 20 },
};

/** Starts training by the page's own session, and shows the run once it has a name. Gives the name. */
export async function train(app: App, page: Page, changes: Readonly<Record<string, unknown>>): Promise<string> {
  const socket = await openSocket(app.origin, await cookieOf(page.context()));
  const config = shortConfig('vqa', changes);
  const started = await answerTo(socket, {
    type: 'call',
    id: 1,
    call: 'jobs.start',
    params: { call: 'train', params: { config } },
  });
  const job = (started as { value: { id: string } }).value.id;
  let run: string | undefined;
  let id = 1;
  const look = async (): Promise<boolean> => {
    id += 1;
    const list = (await answerTo(socket, { type: 'call', id, call: 'jobs.list', params: {} })) as {
      value: { id: string; run?: string }[];
    };
    run = list.value.find((one) => one.id === job)?.run;
    return run !== undefined;
  };
  await expect.poll(look, { timeout: patience }).toBe(true);
  socket.close();
  await goTo(page, `#/runs/${run}`);
  return run!;
}
