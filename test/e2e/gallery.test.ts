/** Every part in its states, in both themes and several sizes, under the page's own content policy. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from './app.ts';
import { type Gallery, openGallery } from './gallery-page.ts';

const axeSource = await readFile(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const sizes = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'small', width: 1024, height: 700 },
  { name: 'narrow', width: 640, height: 700 },
  { name: 'zoomed', width: 512, height: 350 }, // 1024 x 700 at 200 %
];

/** What axe finds, one entry a rule. It runs from outside the page's policy, as a browser's extension would. */
async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    );
  });
}

describe.skipIf(!hasChromium)('the gallery', () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery();
  });
  afterAll(() => gallery?.close());

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(sizes)('$name: nothing for axe, no error, no sideways scrolling', async ({ name, ...viewport }) => {
      const page = await gallery.open(name, { viewport, colorScheme, reducedMotion: 'reduce' });
      const [scrolled, shown] = (await page.evaluate(
        `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.view'))`,
      )) as [number, number];
      expect(scrolled).toBeLessThanOrEqual(shown);
      expect(await axeFindings(page)).toEqual([]);
      expect(gallery.problems).toEqual([]);
      await page.close();
    });
  });
});
