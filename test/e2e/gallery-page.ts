/** The built page in a real browser, served as the app serves it but without an engine. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { securityHeaders } from '../../main/host/routes.ts';
import { chromiumPath } from './app.ts';

const built = join(import.meta.dirname, '../../dist/renderer');
const types: Record<string, string> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  svg: 'image/svg+xml',
};

export interface Gallery {
  readonly address: string;
  /** A page at the gallery; what goes wrong on it is added to `problems`. */
  open(what: string, options: BrowserContextOptions): Promise<Page>;
  /** Errors and warnings of the console, failures of scripts, breaches of the content policy. */
  readonly problems: string[];
  close(): Promise<void>;
}

export async function openGallery(): Promise<Gallery> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = path === '/' ? '/index.html' : path;
    try {
      const content = await readFile(join(built, file));
      const type = types[file.split('.').at(-1)!] ?? 'application/octet-stream';
      response.writeHead(200, { ...securityHeaders, 'content-type': type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const problems: string[] = [];
  return {
    address,
    problems,
    open: async (what, options) => {
      const page = await browser.newPage(options);
      page.on('console', (message) => {
        const harmless = message.text().includes('data:image/png;base64,AAAA'); // the gallery's broken picture
        if (['error', 'warning'].includes(message.type()) && !harmless) problems.push(`${what}: ${message.text()}`);
      });
      page.on('pageerror', (error) => problems.push(`${what}: ${error.stack ?? error.message}`));
      await page.routeWebSocket('**/socket', () => {}); // no engine here: the page waits for one
      await page.goto(`${address}#/gallery`);
      for (const shown of ['h1:has-text("Gallery")', '.u-over', '[role=gridcell] img'])
        await page.waitForSelector(shown);
      return page;
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
