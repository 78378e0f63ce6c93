/**
 * Looks at the built page in a real browser, under its own content policy: the gallery in both themes and several sizes. Fails on
 * any error in the console, any breach of the policy, sideways scrolling, and anything that axe finds.
 * `node test/renderer/gallery-look.ts [folder]` writes pictures of it into the folder.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openGallery } from './gallery-page.ts';

const pictures = process.argv[2];
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

const gallery = await openGallery();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, ...viewport } of sizes) {
    const what = `${name}-${colorScheme}`;
    const page = await gallery.open(what, { viewport, colorScheme, reducedMotion: 'reduce' });
    const [scrolled, shown, full] = (await page.evaluate(
      `(({ scrollWidth, clientWidth, scrollHeight }) => [scrollWidth, clientWidth, scrollHeight])(document.querySelector('.view'))`,
    )) as [number, number, number];
    if (scrolled > shown) gallery.problems.push(`${what}: scrolls sideways by ${scrolled - shown} px`);
    for (const finding of await axeFindings(page)) gallery.problems.push(`${what}: axe: ${finding}`);
    if (pictures !== undefined) {
      await page.screenshot({ path: join(pictures, `${what}.png`) });
      await page.setViewportSize({ width: viewport.width, height: full });
      await page.screenshot({ path: join(pictures, `${what}-all.png`) });
    }
    await page.close();
  }
}
await gallery.close();

for (const problem of gallery.problems) console.error(problem);
const { length } = gallery.problems;
console.log(length === 0 ? 'No errors, no breaches of the policy, nothing that axe finds' : `${length} problems`);
process.exitCode = length === 0 ? 0 : 1;
