/**
 * Looks at the built page in a real browser, under its own content policy: the gallery in both themes and several sizes. Fails on
 * any error in the console, any breach of the policy, and anything that axe finds. `node test/renderer/gallery-look.ts [folder]`
 * writes pictures of it into the folder.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { securityHeaders } from '../../main/host/routes.ts';

const root = join(import.meta.dirname, '../..');
const pictures = process.argv[2];
const types: Record<string, string> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  svg: 'image/svg+xml',
};

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = path === '/' ? '/index.html' : path;
  try {
    const content = await readFile(join(root, 'dist/renderer', file));
    response.writeHead(200, { ...securityHeaders, 'content-type': types[file.split('.').at(-1)!] ?? '' }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const problems: string[] = [];

/** Runs axe from outside the page's policy: as a person's browser extension would. */
async function runAxe(page: Page, what: string): Promise<void> {
  await page.evaluate(await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n    ${failureSummary}`).join('\n  ')}`,
    );
  });
  for (const violation of violations) problems.push(`${what}: axe: ${violation}`);
}

const sizes = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'small', width: 1024, height: 700 },
  { name: 'narrow', width: 640, height: 700 },
  { name: 'zoomed', width: 512, height: 350 },
];

for (const theme of ['light', 'dark'] as const) {
  for (const { name, ...viewport } of sizes) {
    const what = `${name}-${theme}`;
    const page = await browser.newPage({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
    page.on('console', (message) => {
      const harmless = message.text().includes('data:image/png;base64,AAAA'); // the gallery's broken picture
      if ((message.type() === 'error' || message.type() === 'warning') && !harmless) {
        problems.push(`${what}: console: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => problems.push(`${what}: ${error.stack ?? error.message}`));
    await page.routeWebSocket('**/socket', () => {}); // no engine here: the page waits for one
    await page.goto(`${address}#/gallery`);
    await page.waitForSelector('h1:has-text("Gallery")');
    await page.waitForSelector('.u-over');
    await page.waitForSelector('[role=gridcell] img');
    const sideways = await page.evaluate(
      `document.querySelector('.view').scrollWidth - document.querySelector('.view').clientWidth`,
    );
    if (Number(sideways) > 0) problems.push(`${what}: scrolls sideways by ${sideways} px`);
    await runAxe(page, what);
    if (pictures !== undefined) {
      await page.screenshot({ path: join(pictures, `${what}.png`) });
      if (name === 'wide' || name === 'narrow') {
        const full = Number(await page.evaluate(`document.querySelector('.view').scrollHeight`));
        await page.setViewportSize({ width: viewport.width, height: Math.min(6000, full) });
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(pictures, `${what}-all.png`) });
      }
    }
    await page.close();
  }
}
await browser.close();
server.close();
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0
    ? 'No errors, no breaches of the policy, nothing that axe finds'
    : `${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
