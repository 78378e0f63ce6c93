/** What axe finds on a page: the rules of WCAG A and AA, its best practices, and the size of targets, which it leaves out by itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const source = await readFile(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** One entry a rule. It runs from outside the page's policy, as a browser's extension would. */
async function findings(page: Page, options: object): Promise<string[]> {
  await page.evaluate(`globalThis.axe === undefined && (() => { ${source} })()`);
  const asked = JSON.stringify({ ...options, resultTypes: ['violations'] });
  const violations = (await page.evaluate(`axe.run(${asked}).then((found) => found.violations)`)) as Finding[];
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
  );
}

export function axeFindings(page: Page): Promise<string[]> {
  return findings(page, { rules: { 'target-size': { enabled: true } } });
}

/** The only rule that another theme can break. */
export function contrastFindings(page: Page): Promise<string[]> {
  return findings(page, { runOnly: ['color-contrast'] });
}
