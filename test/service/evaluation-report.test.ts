/** The HTML report: well-formed, self-contained, and inert whatever people or models wrote. */
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationItem } from '../../engine/contract/evaluations.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import type { ImageItem } from '../../engine/data/items.ts';
import { htmlReport } from '../../engine/service/evaluation-report.ts';
import { keepEvaluation } from '../../engine/service/evaluation-store.ts';
import { escapeHtml, html } from '../../engine/service/html.ts';
import { ensureSampleDataset } from '../../engine/service/sample.ts';
import { itemOf, makeRun, summaryOf } from './evaluation-samples.ts';
import { folderForFile, recipe } from './small-home.ts';

const home = folderForFile();
let images: ImageItem[];
beforeAll(async () => {
  await ensureSampleDataset(home, recipe, {});
  using dataset = openDataset(home, 'small');
  images = dataset.images('test').toArray();
});

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

interface Page {
  readonly elements: readonly Element[];
  /** All text outside of the style sheet, as a reader sees it. */
  readonly text: string;
}

const TOKEN = /<!DOCTYPE html>|<(\/?)([a-zA-Z0-9]+)((?:\s+[a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*)\s*(\/?)>|([^<>]+)/y;
const VOID = new Set(['meta', 'img', 'rect', 'line']);
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]!);

/** Reads HTML of the strictest kind: throws at anything that is no tag, no text, or not closed in its turn. */
function parse(source: string): Page {
  const elements: Element[] = [];
  const open: string[] = [];
  let text = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(source);
    if (token === null) throw new Error(`not HTML: ${source.slice(at, at + 80)}`);
    const [, slash, name, attributes = '', , words] = token;
    if (words !== undefined) {
      if (open.at(-1) !== 'style') text += plain(words);
    } else if (slash === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (name !== undefined) {
      const pairs = attributes.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)="([^"]*)"/g);
      elements.push({ name, attributes: new Map(Array.from(pairs, ([, key, value]) => [key!, plain(value!)])) });
      if (!VOID.has(name)) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(' ')}`);
  return { elements, text };
}

/** The elements that a report is made of: none that runs, loads or leads anywhere. */
const ALLOWED =
  'html head meta title style body header h1 h2 p main section dl div dt dd table caption thead tbody tr th td bdi ' +
  'svg g title rect line text figure figcaption ul li img span small code details summary footer';
const ALLOWED_ATTRIBUTES =
  'lang charset http-equiv content name class scope viewBox preserveAspectRatio aria-hidden focusable role aria-label ' +
  'x y x1 y1 x2 y2 width height text-anchor src alt';

async function report(
  items: readonly EvaluationItem[],
  changes: object = {},
  config?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const run = makeRun(home, config);
  const summary = summaryOf(run, { examples: items.length, ...changes });
  keepEvaluation(run, summary, items);
  return await htmlReport(home, { run: run.id, id: summary.id, worst: 20, best: 20 });
}

const of = (page: Page, name: string): Element[] => page.elements.filter((element) => element.name === name);

const HOSTILE = [
  '<script>alert(1)</script>',
  '</title><script>alert(2)</script>',
  '"><img src=x onerror=alert(3)>',
  "' onmouseover='alert(4)",
  '<!-- & --> &lt;b&gt; &#x3C;',
  '</style><svg onload=alert(5)>',
  ']]><iframe src="javascript:alert(6)">',
];

describe('whatever people or models wrote', () => {
  let page: Page;
  beforeAll(async () => {
    const items = HOSTILE.map((text, i) =>
      itemOf(`${text} ${i}`, {
        imageId: i % 2 === 0 ? images[i]!.id : `test/${text}`,
        question: `question ${text}`,
        prediction: `prediction ${text}`,
        references: [`reference ${text}`, text],
        answerType: `answer type ${text}`,
        questionType: `question type ${text}`,
        score: i * 10,
      }),
    );
    const changes = { notes: { [HOSTILE[0]!]: HOSTILE[2]! }, metrics: { accuracy: 3, [HOSTILE[0]!]: 2 } };
    page = parse(await report(items, changes, { task: 'vqa', [HOSTILE[1]!]: HOSTILE[2], steps: HOSTILE[5] }));
  });

  test.each(HOSTILE)('%s is shown as it is', (text) => {
    for (const what of ['question', 'prediction', 'reference', 'answer type', 'question type']) {
      expect(page.text).toContain(`${what} ${text}`);
    }
  });

  test('there are no elements and attributes but those of the report', () => {
    const names = new Set(page.elements.map(({ name }) => name));
    expect([...names].filter((name) => !ALLOWED.split(' ').includes(name))).toEqual([]);
    const attributes = new Set(page.elements.flatMap((element) => [...element.attributes.keys()]));
    expect([...attributes].filter((name) => !ALLOWED_ATTRIBUTES.split(' ').includes(name))).toEqual([]);
  });

  test('pictures are the only thing with an address, and that is their data', () => {
    const sources = page.elements.flatMap(({ attributes }) => attributes.get('src') ?? []);
    expect(sources).toHaveLength(4);
    for (const source of sources) expect(source).toMatch(/^data:image\/webp;base64,[A-Za-z0-9+/=]+$/);
  });

  test('a policy forbids everything else, before anything comes', () => {
    const [charset, policy] = of(page, 'meta');
    expect(charset!.attributes.get('charset')).toBe('utf-8');
    expect(policy!.attributes.get('http-equiv')).toBe('Content-Security-Policy');
    expect(policy!.attributes.get('content')).toBe("default-src 'none'; img-src data:; style-src 'unsafe-inline'");
  });
});

test('one can find the way without seeing it', async () => {
  const page = parse(
    await report([itemOf('1', { imageId: images[0]!.id, answerType: 'other', questionType: 'what' })]),
  );
  expect(of(page, 'html')[0]!.attributes.get('lang')).toBe('en');
  expect(of(page, 'h1')).toHaveLength(1);
  expect(of(page, 'caption')).toHaveLength(of(page, 'table').length);
  for (const picture of of(page, 'img')) expect(picture.attributes.get('alt')).toBe(`Picture ${images[0]!.id}`);
  for (const cell of of(page, 'th')) expect(['row', 'col']).toContain(cell.attributes.get('scope'));
  for (const drawing of of(page, 'svg')) {
    const { attributes } = drawing;
    expect(attributes.get('aria-hidden') === 'true' || attributes.has('aria-label')).toBe(true);
  }
});

test('no item is shown twice, the lowest first and the highest first', async () => {
  const items = Array.from({ length: 30 }, (_, i) =>
    itemOf(String(i), { prediction: `no. ${i};`, score: i < 10 ? 0 : i }),
  );
  const page = parse(await report(items));
  const [low, high] = page.text.split('Highest scores') as [string, string];
  const shown = (text: string): number[] => Array.from(text.matchAll(/no\. (\d+);/g), ([, number]) => Number(number));
  expect(shown(low)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(shown(high)).toEqual(Array.from({ length: 10 }, (_, i) => 29 - i));
});

test('captions have their other metrics, equal references their number, nothing written is said', async () => {
  const scores = { CIDEr: 0.25, 'BLEU-4': 0.125, 'ROUGE-L': 0.5 };
  const { question: _, ...item } = itemOf('1', { score: 0.25, scores, prediction: '', references: ['a', 'a', 'b'] });
  const metrics = { CIDEr: 0.25, 'BLEU-4': 0.125, 'ROUGE-L': 0.5 };
  const { text } = parse(await report([item], { task: 'caption', metrics }));
  expect(text).toContain('CIDEr 0.250');
  expect(text).toContain('BLEU-4 0.125 · ROUGE-L 0.500');
  expect(text).toContain('a × 2');
  expect(text).toContain('(nothing)');
});

test('a picture that is gone is said to be, and the rest is there', async () => {
  const gone = images[7]!;
  rmSync(gone.path);
  const items = [itemOf('1', { imageId: gone.id }), itemOf('2', { imageId: images[0]!.id })];
  const page = parse(await report(items));
  expect(page.text).toContain(`No picture ${gone.id}: There is no such image`);
  expect(page.text).not.toContain(home);
  expect(of(page, 'img')).toHaveLength(1);
});

test('so is a dataset that is gone', async () => {
  const page = parse(await report([itemOf('1'), itemOf('2')], { dataset: 'gone' }));
  expect(page.text.match(/There is no dataset "gone"/g)).toHaveLength(2);
});

test('HTML by template: values are escaped, lists joined, control characters replaced', () => {
  const inner = html`<b>${'<&>'}</b>`;
  expect(String(html`<p title="${'"'}">${[inner, undefined, 3, ["'", inner]]}</p>`)).toBe(
    '<p title="&quot;"><b>&lt;&amp;&gt;</b>3&#39;<b>&lt;&amp;&gt;</b></p>',
  );
  expect(escapeHtml('a\0b\u0085c\td\ne')).toBe('a\uFFFDb\uFFFDc\td\ne');
});
