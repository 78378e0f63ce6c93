/** Single predictions in an evaluation's report: picture, question, what was predicted and what people said. */
import type { EvaluationDetails, EvaluationItem } from '../contract/evaluations.ts';
import { type Html, html } from './html.ts';
import type { ReportPicture } from './report-pictures.ts';
import { scoreText } from './report-scores.ts';

type Pictures = ReadonlyMap<string, ReportPicture>;
type ScoreName = EvaluationDetails['scoreName'];

function pictureOf(imageId: string, pictures: Pictures): Html {
  const picture = pictures.get(imageId)!;
  if ('missing' in picture)
    return html`<div class="missing"><span>No picture <bdi>${imageId}</bdi>: ${picture.missing}</span></div>`;
  const { url, width, height } = picture;
  return html`<img src="${url}" width="${width}" height="${height}" alt="Picture ${imageId}">`;
}

/** A person's three matches out of nine make an answer fully right, ten times: 90 and above is as good as it gets. */
function levelOf(scoreName: ScoreName, score: number): string {
  if (scoreName !== 'accuracy') return 'plain';
  return score === 0 ? 'low' : score < 90 ? 'middle' : 'high';
}

/** Equal ones are told once, with their number. */
function references(texts: readonly string[], scoreName: ScoreName): Html {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const times = (count: number): string => (count === 1 ? '' : ` × ${count}`);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return html`<ul class="references${scoreName === 'accuracy' ? '' : ' long'}">${sorted.map(([text, count]) => html`<li><bdi>${text}</bdi>${times(count)}</li>`)}</ul>`;
}

function typesOf({ answerType, questionType, scores }: EvaluationItem): Html {
  const types = [answerType, questionType].filter((type) => type !== undefined);
  const others = Object.entries(scores ?? {}).filter(([name]) => name === 'BLEU-4' || name === 'ROUGE-L');
  const parts = [...types, ...others.map(([name, value]) => `${name} ${scoreText(name, value)}`)];
  return parts.length === 0 ? html`` : html`<small><bdi>${parts.join(' · ')}</bdi></small>`;
}

function card(item: EvaluationItem, scoreName: ScoreName, pictures: Pictures): Html {
  const { imageId, question, prediction, score } = item;
  const asked = question === undefined ? '' : html`<p class="question"><bdi>${question}</bdi></p>`;
  const scored = scoreName === 'accuracy' ? `${Number(score.toFixed(2))} %` : `CIDEr ${scoreText(scoreName, score)}`;
  return html`<li><figure>${pictureOf(imageId, pictures)}<figcaption>
<span class="chip ${levelOf(scoreName, score)}">${scored}</span>
${asked}<p><span class="label">Predicted</span><bdi>${prediction === '' ? '(nothing)' : prediction}</bdi></p>
<div><span class="label">People said</span>${references(item.references, scoreName)}</div>
${typesOf(item)}
</figcaption></figure></li>
`;
}

export function itemSection(
  title: string,
  items: readonly EvaluationItem[],
  scoreName: ScoreName,
  pictures: Pictures,
): Html {
  if (items.length === 0) return html``;
  const cards = items.map((item) => card(item, scoreName, pictures));
  return html`<section><h2>${title}</h2>
<ul class="items">
${cards}</ul></section>`;
}
