/** The results of `dept bench` as one HTML page: the plot and the tables. */
import { html } from '../html.ts';
import { reportStyle } from '../report-style.ts';
import type { Measured } from './measurements.ts';
import { benchPlot, canPlot } from './plot.ts';
import { type BenchTable, benchTables } from './tables.ts';

const cell = (value: string | number) =>
  typeof value === 'number' ? html`<td class="number">${value.toLocaleString('en')}</td>` : html`<td>${value}</td>`;

const tableOf = ({ title, headings, rows }: BenchTable) => html`<h2>${title}</h2>
<div class="wide"><table>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map(
  (row) => html`<tr>${row.map(cell)}</tr>
`,
)}</tbody>
</table></div>
`;

/** `machine`: what was measured on, in words. */
export function benchReport(results: readonly Measured[], machine: string): string {
  return String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>DePT Studio on this machine</title>
${reportStyle}</head>
<body><header><h1>DePT Studio on this machine</h1><p class="soft">${machine}</p></header>
<main>${canPlot(results) ? html`<div class="wide">${benchPlot(results)}</div>` : ''}${benchTables(results).map(tableOf)}</main></body></html>
`);
}
