/** The numbers of an evaluation's report: headline, metrics, score by group, and how scores are spread. */
import type { EvaluationDetails, ScoreGroup } from '../contract/evaluations.ts';
import { type Html, html } from './html.ts';

/** `71.23 %` for VQA accuracy, `1.034` for caption metrics. */
export function scoreText(name: string, value: number): string {
  return name === 'accuracy' ? `${value.toFixed(2)} %` : value.toFixed(3);
}

export const countText = (count: number): string => count.toLocaleString('en');

/** One form for a count of one, another for the rest: `1 example`, `24 examples`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

const NAMES: Readonly<Record<string, string>> = { accuracy: 'VQA accuracy' };
const nameOf = (metric: string): string => NAMES[metric] ?? metric;

const HEADLINES = ['accuracy', 'CIDEr', 'BLEU-4', 'ROUGE-L'];

/** What stands above all: the metrics that papers print first, and on how many examples; `wrong` of them score 0. */
export function headline({ metrics, examples, task }: EvaluationDetails, wrong: number): Html {
  const shown = HEADLINES.flatMap((name) => {
    const value = metrics[name];
    return typeof value === 'number' ? [[nameOf(name), scoreText(name, value)]] : [];
  });
  const nobodys =
    task === 'vqa' ? [[wrong === 1 ? 'answer nobody gave' : 'answers nobody gave', countText(wrong)]] : [];
  const cards = [...shown, [examples === 1 ? 'example' : 'examples', countText(examples)], ...nobodys];
  return html`<dl class="headline">${cards.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** All metrics with what must be said beside them; nothing where there is only the one of the headline. */
export function metricsTable({ metrics, notes = {} }: EvaluationDetails): Html {
  const rows = Object.entries(metrics).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [html`<tr><th scope="row">${nameOf(name)}</th><td class="number">${scoreText(name, value)}</td></tr>`]
      : [],
  );
  if (rows.length < 2) return html``;
  const remarks = Object.entries(notes).map(([name, note]) => html`<p class="soft">${name}: ${note}</p>`);
  return html`<div class="wide narrow"><table>
<caption>Metrics over all examples</caption>
<thead><tr><th scope="col">Metric</th><th scope="col" class="number">Value</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>
${remarks}`;
}

/** A share from 0 to 1 as a bar; the number beside it says the same. */
function bar(share: number): Html {
  const width = Math.max(0, Math.min(100, share * 100)).toFixed(1);
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="100" height="10"/><rect class="value" width="${width}" height="10"/></svg>`;
}

export function groupTable(title: string, what: string, groups: readonly ScoreGroup[], scoreName: string): Html {
  if (groups.length === 0) return html``;
  const top = scoreName === 'accuracy' ? 100 : Math.max(...groups.map(({ score }) => score), Number.EPSILON);
  const rows = groups.map(
    ({ group, count, score }) =>
      html`<tr><th scope="row"><bdi>${group}</bdi></th><td class="number">${countText(count)}</td><td class="number">${scoreText(scoreName, score)}</td><td class="mark">${bar(score / top)}</td></tr>
`,
  );
  return html`<div class="wide"><table>
<caption>${title}</caption>
<thead><tr><th scope="col">${what}</th><th scope="col" class="number">Examples</th><th scope="col" class="number">${nameOf(scoreName)}</th><th scope="col" class="mark">From 0 to ${scoreName === 'accuracy' ? '100 %' : scoreText(scoreName, top)}</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>`;
}

const PLOT = { width: 800, height: 160, top: 18, bottom: 22 } as const;

/** Bars over bins of the score, with their counts above and the edges of the bins below. */
export function histogram({ histogram: bins, scoreName, examples }: EvaluationDetails): Html {
  const { width, height, top, bottom } = PLOT;
  const most = Math.max(...bins.map(({ count }) => count), 1);
  const step = width / bins.length;
  const floor = height + top;
  const bars = bins.map(({ from, to, count }, i) => {
    const tall = (count / most) * height;
    const x = (i * step + 2).toFixed(1);
    const number =
      count === 0
        ? ''
        : html`<text x="${((i + 0.5) * step).toFixed(1)}" y="${(floor - tall - 5).toFixed(1)}" text-anchor="middle">${countText(count)}</text>`;
    const title = html`<title>${from} to ${to}: ${countText(count)}</title>`;
    return html`<g>${title}<rect class="value" x="${x}" y="${(floor - tall).toFixed(1)}" width="${(step - 4).toFixed(1)}" height="${tall.toFixed(1)}"/>${number}</g>
`;
  });
  const edges = [...bins.map(({ from }) => from), bins.at(-1)!.to];
  const labels = edges.map((edge, i) => {
    const anchor = i === 0 ? 'start' : i === bins.length ? 'end' : 'middle';
    return i % 2 === 0 || i === bins.length
      ? html`<text x="${(i * step).toFixed(1)}" y="${floor + bottom - 4}" text-anchor="${anchor}">${edge}</text>`
      : '';
  });
  const unit = scoreName === 'accuracy' ? 'VQA accuracy in percent' : scoreName;
  const told = bins.filter(({ count }) => count > 0).map(({ from, to, count }) => `${from} to ${to}: ${count}`);
  return html`<figure class="histogram"><svg viewBox="0 0 ${width} ${floor + bottom}" role="img" aria-label="How many examples have which ${unit}. ${told.join('; ')}">
${bars}<line class="axis" x1="0" y1="${floor}" x2="${width}" y2="${floor}"/>${labels}
</svg><figcaption>${unit} of each example; ${counted(examples, 'example')}</figcaption></figure>`;
}
