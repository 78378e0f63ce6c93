/** The paper's preset in the form: its rank is solved for the language model that the library has, and stays what a person makes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { solveRank } from '../../engine/contract/budget.ts';
import { type App, hasChromium, patience, startApp } from './app.ts';

describe.skipIf(!hasChromium)("the paper's preset", () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
  });

  test.each([
    ['vqa', 20],
    ['caption', 3],
  ] as const)('%s: s = %i', async (task, textLength) => {
    const rank = String(solveRank({ width: 192, textLength }, 100, 20)); // the bundled T5 is the only one
    const { page, complaints } = await app.open(`#/train?preset=paper&task=${task}`);
    const field = page.locator('[data-setting="method.rank"]');
    const input = field.locator('input');
    const untilRank = (wanted: string) => expect.poll(() => input.inputValue(), { timeout: patience }).toBe(wanted);
    await untilRank(rank);
    expect(await field.getByText(/^was /).count()).toBe(0);
    await input.fill('9');
    await input.blur();
    await field.getByText(`was ${rank}`).waitFor();
    await untilRank('9');
    expect(complaints).toEqual([]);
    await page.close();
  });
});
