/** An evaluation as one HTML file that needs nothing else: numbers, items with their pictures, how it came to be. */
import { configDifferences } from '../contract/config-differences.ts';
import type { EvaluationDetails, EvaluationReportRequest } from '../contract/evaluations.ts';
import type { RunRecord } from '../runs/run-record.ts';
import { openEvaluation } from './evaluation-store.ts';
import { evaluationItems, showEvaluation } from './evaluations.ts';
import { type Html, html } from './html.ts';
import { itemSection } from './report-items.ts';
import { reportPictures } from './report-pictures.ts';
import { counted, groupTable, headline, histogram, metricsTable } from './report-scores.ts';
import { reportStyle } from './report-style.ts';

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

const TASKS = { vqa: 'visual question answering', caption: 'image captioning' } as const;

/** `2026-11-24 03:45 UTC`. */
const timeText = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function facts(caption: string, rows: readonly (readonly [name: string, value: string])[], isCode = false): Html {
  const name = (text: string): Html => (isCode ? html`<code>${text}</code>` : html`${text}`);
  const lines = rows.map(
    ([label, value]) => html`<tr><th scope="row">${name(label)}</th><td><bdi>${value}</bdi></td></tr>
`,
  );
  return html`<div class="wide"><table class="facts">
<caption>${caption}</caption>
<tbody>
${lines}</tbody>
</table></div>`;
}

/** A config's settings by their dotted paths: its differences from an empty one. */
function settingsOf(config: unknown): [path: string, value: string][] {
  const all = configDifferences([config as object, {}]);
  return all.map(({ path, values: [value] }) => [path, valueText(value)]);
}

/** Settings of the run that say what was trained, and on what. */
const MAIN_SETTINGS =
  /^(dataset\.(name|trainSplit|trainLimit)|(vision|language)\.|method\.|steps|batchSize|accumulation|seed)/;

function checkpointText({ checkpoint, step }: EvaluationDetails): string {
  const kinds = { best: 'the best so far by the run’s metric', last: 'the newest' };
  return typeof checkpoint === 'number' ? `step ${step}` : `step ${step}, ${kinds[checkpoint]}`;
}

function origin(details: EvaluationDetails, record: RunRecord): Html {
  const { run, id, dataset, split, limit, created, seconds, versions } = details;
  const settings = settingsOf(record.config);
  const decoding = Object.entries(details.decoding).map(([name, value]) => [name, valueText(value)] as const);
  return html`<section><h2>How it was made</h2>
${facts('The evaluation', [
  ['Run', run],
  ['Evaluation', id],
  ['Checkpoint', checkpointText(details)],
  [
    'Split',
    limit === undefined ? `${dataset}/${split}` : `${dataset}/${split}, the first ${counted(limit, 'example')}`,
  ],
  ['Evaluated', `${timeText(created)}, in ${Math.max(1, Math.round(seconds))} s`],
  ['Run created', timeText(record.created)],
])}
${facts('How text was generated; the start token counts towards lengths', decoding, true)}
${facts(
  'What was trained',
  settings.filter(([path]) => MAIN_SETTINGS.test(path)),
  true,
)}
${facts('Versions', Object.entries(versions))}
<details><summary>All settings of the run, and what its numbers depend on</summary>
${facts('Settings', settings, true)}
${facts('Fingerprints', Object.entries(record.fingerprints))}
</details></section>`;
}

function scoresSection(details: EvaluationDetails): Html {
  const { byAnswerType, byQuestionType, scoreName } = details;
  return html`<section><h2>Scores</h2>
${metricsTable(details)}
${histogram(details)}
${groupTable('By answer type', 'Answer type', byAnswerType, scoreName)}
${groupTable('By question type', 'Question type', byQuestionType, scoreName)}</section>`;
}

/**
 * The report as a text; nothing in it is executed, and it loads nothing. Items shown among the lowest are not shown again
 * among the highest. Throws `not-found` or `bad-file`; a picture that is gone is said to be.
 */
export async function htmlReport(
  home: string,
  { run: runId, id, worst, best }: EvaluationReportRequest,
): Promise<string> {
  const details = showEvaluation(home, { run: runId, id });
  const { run, dataset, split, task, step, examples, scoreName } = details;
  const record = openEvaluation(home, { run, id }).run.record();
  const page = (sort: 'worst' | 'best', limit: number) =>
    limit === 0 ? [] : evaluationItems(home, { run, id, sort, limit, offset: 0 }).items;
  const lowest = page('worst', worst);
  const { total: wrong } = evaluationItems(home, { run, id, wrong: true, sort: 'order', limit: 1, offset: 0 });
  const shown = new Set(lowest.map((item) => item.id));
  const highest = page('best', worst + best)
    .filter((item) => !shown.has(item.id))
    .slice(0, best);
  const pictures = await reportPictures(home, dataset, new Set([...lowest, ...highest].map(({ imageId }) => imageId)));
  const about = `${TASKS[task]} on ${dataset}/${split}, ${counted(examples, 'example')}, step ${step.toLocaleString('en')}`;
  return `<!DOCTYPE html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Evaluation of ${run} on ${dataset}/${split}</title>
${reportStyle}
</head>
<body>
<header><h1>Evaluation of ${run}</h1>
<p class="soft">Decomposed Prompt Tuning: ${about}; ${timeText(details.created)}</p></header>
<main>
${headline(details, wrong)}
${scoresSection(details)}
${itemSection('Lowest scores', lowest, scoreName, pictures)}
${itemSection('Highest scores', highest, scoreName, pictures)}
${origin(details, record)}
</main>
<footer>Made by DePT Studio ${details.versions['dept-studio']}</footer>
</body>
</html>
`}`;
}
