/** Time and memory of a step against DePT's prompt length, beside prompt tuning: figures 3 and 4 of the paper, as SVG. */
import { DeptError } from '../../common/errors.ts';
import { type Html, html } from '../html.ts';
import type { Measured } from './measurements.ts';
import { median } from './timing.ts';

type Step = Extract<Measured, { readonly what: 'step' }>;

const PANEL = { width: 360, height: 220, left: 56, top: 44, bottom: 44, gap: 40 } as const;
const COLOURS = { ink: '#1a1f26', soft: '#56616e', line: '#dde1e6', dept: '#2a5bd7', tuning: '#a82a1c' } as const;

interface Quantity {
  readonly title: string;
  readonly of: (step: Step) => number;
}

const quantities: readonly Quantity[] = [
  { title: 'Seconds per step', of: ({ seconds }) => median(seconds) },
  { title: 'Peak memory in GB', of: ({ memory }) => memory / 1e9 },
];

/** A round number of which about four fit below `most`. */
function tickOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return power * [1, 2, 5, 10].find((factor) => factor * power * 5 > most)!;
}

/** DePT as a line over its prompt lengths, prompt tuning as a dashed line across; the axis starts at zero. */
function panel(steps: readonly Step[], { title, of }: Quantity, at: number): Html {
  const { width, height, left, top, bottom } = PANEL;
  const points = steps
    .filter(({ method }) => method.name === 'dept')
    .toSorted((a, b) => a.method.promptLength - b.method.promptLength)
    .map((step) => ({ m: step.method.promptLength, value: of(step) }));
  const tuning = steps.find(({ method }) => method.name === 'prompt-tuning');
  const most = 1.1 * Math.max(...steps.map(of));
  const longest = Math.max(1, ...points.map(({ m }) => m));
  const x = (m: number): string => (left + (m / longest) * (width - left)).toFixed(1);
  const y = (value: number): string => (top + (1 - value / most) * (height - top - bottom)).toFixed(1);
  const tick = tickOf(most);
  const ticks = Array.from({ length: Math.floor(most / tick) + 1 }, (_, i) => Number((i * tick).toPrecision(3)));
  const path = points.map(({ m, value }) => `${x(m)},${y(value)}`).join(' ');
  return html`<g transform="translate(${at} 0)">
<text x="${left}" y="20" font-weight="600">${title}</text>
${ticks.map(
  (
    value,
  ) => html`<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}" stroke="${COLOURS.line}"/><text x="${left - 8}" y="${Number(y(value)) + 4}" text-anchor="end" fill="${COLOURS.soft}">${value}</text>
`,
)}${points.map(
  ({ m }) => html`<text x="${x(m)}" y="${height - bottom + 18}" text-anchor="middle" fill="${COLOURS.soft}">${m}</text>
`,
)}<text x="${(left + width) / 2}" y="${height - 6}" text-anchor="middle" fill="${COLOURS.soft}">DePT's prompt length m</text>
<polyline points="${path}" fill="none" stroke="${COLOURS.dept}" stroke-width="2"/>
${points.map(
  ({
    m,
    value,
  }) => html`<circle cx="${x(m)}" cy="${y(value)}" r="3.5" fill="${COLOURS.dept}"><title>m = ${m}: ${value.toFixed(3)}</title></circle>
`,
)}${
  tuning === undefined
    ? ''
    : html`<line x1="${left}" x2="${width}" y1="${y(of(tuning))}" y2="${y(of(tuning))}" stroke="${COLOURS.tuning}" stroke-width="2" stroke-dasharray="6 4"/>
<text x="${width}" y="${Number(y(of(tuning))) - 6}" text-anchor="end" fill="${COLOURS.tuning}">prompt tuning l = ${tuning.method.promptLength}: ${of(tuning).toFixed(2)}</text>
`
}</g>
`;
}

/** The steps by model and shape, of those that were measured with several methods. */
function comparisons(results: readonly Measured[]): Step[][] {
  const steps = results.filter((one) => one.what === 'step');
  return [...Map.groupBy(steps, ({ model, shape }) => `${model} ${shape}`).values()].filter((own) => own.length > 1);
}

/** True where there is something to plot. */
export function canPlot(results: readonly Measured[]): boolean {
  return comparisons(results).length > 0;
}

/** A row of two panels for each model and shape. Throws `bad-input` where methods were not compared. */
export function benchPlot(results: readonly Measured[]): Html {
  const rows = comparisons(results);
  if (rows.length === 0) {
    throw new DeptError('bad-input', 'There is nothing to plot', {
      expected: 'steps of DePT at several prompt lengths',
      remedy: 'Measure with --what methods or --what all.',
    });
  }
  const { width, height, gap } = PANEL;
  const [wide, high] = [2 * width + 3 * gap, rows.length * (height + gap) + gap];
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${COLOURS.ink}">
<title>Time and memory of a training step against DePT's prompt length, at equal numbers of trained values</title>
<rect width="${wide}" height="${high}" fill="#ffffff"/>
${rows.map(
  (steps, i) => html`<g transform="translate(${gap} ${gap + i * (height + gap)})">
<text x="0" y="-8" fill="${COLOURS.soft}">${steps[0]!.model}, ${steps[0]!.shape}</text>
${quantities.map((quantity, k) => panel(steps, quantity, k * (width + gap)))}</g>
`,
)}</svg>
`;
}
