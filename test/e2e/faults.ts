/** What keeps people from using what a page shows: in both themes, in a small window, and at 200 % zoom. */
import type { Page } from 'playwright-core';
import { axeFindings, contrastFindings } from './axe.ts';
import { outOfReach } from './reach.ts';
import { settled } from './settled.ts';

/** The window that is looked at first. */
export const whole = { width: 1280, height: 800 };
const sizes = [
  { width: 1024, height: 700 },
  { width: 640, height: 400 }, // 1280 x 800 at 200 %
];

/** One entry a fault. The page must follow the system's theme, and is light before and after. */
export async function faults(page: Page): Promise<string[]> {
  const found = await axeFindings(page);
  for (const size of sizes) {
    await page.setViewportSize(size);
    await settled(page);
    found.push(...(await outOfReach(page)).map((fault) => `${size.width} x ${size.height}: ${fault}`));
  }
  await page.setViewportSize(whole);
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled(page);
  found.push(...(await contrastFindings(page)).map((fault) => `dark: ${fault}`));
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}
