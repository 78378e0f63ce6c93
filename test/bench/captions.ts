/**
 * CIDEr, BLEU and ROUGE-L of made-up captions, ours and pycocoevalcap's side by side:
 * `node test/bench/captions.ts [--python <python>] [--images 5000] [--repeat 3]`; without a Python only ours.
 * The time is from captions as text to scores, PTB tokens included.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../../engine/common/random.ts';
import { bleu } from '../../engine/metrics/bleu.ts';
import { type CaptionItem, tokenizedCaptions } from '../../engine/metrics/captions.ts';
import { cider } from '../../engine/metrics/cider.ts';
import { countNgrams } from '../../engine/metrics/ngrams.ts';
import { rougeL } from '../../engine/metrics/rouge-l.ts';
import { median } from '../../engine/service/bench/timing.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    images: { type: 'string', default: '5000' },
    repeat: { type: 'string', default: '3' },
  },
});
const [images, repeat] = [Number(values.images), Number(values.repeat)];

const REFERENCES = 5;
/** As many words as COCO's captions have, drawn as often as words are by Zipf's law. */
const WORDS = 8000;

function word(rank: number): string {
  const random = new Random('word', rank);
  const syllables = 1 + random.below(3);
  return Array.from({ length: syllables }, () => random.pick([...'bcdfglmnprstvw']) + random.pick([...'aeiou'])).join(
    '',
  );
}

/** 8 to 14 words, the first in a capital letter, some with a comma or an apostrophe, a period at the end of most. */
function caption(random: Random): string {
  const length = 8 + random.below(7);
  const words = Array.from({ length }, () => {
    const plain = word(Math.floor(WORDS ** random.uniform()));
    return random.chance(0.03) ? `${plain},` : random.chance(0.02) ? `${plain}'s` : plain;
  });
  const text = words.join(' ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}${random.chance(0.8) ? '.' : ''}`;
}

function madeUp(count: number): CaptionItem[] {
  return Array.from({ length: count }, (_, i) => {
    const random = new Random('captions', i);
    const references = Array.from({ length: REFERENCES }, () => caption(random));
    // a caption has some words of a reference, so that n-grams of all lengths match
    const half = references[0]!.split(' ').slice(0, 6).join(' ');
    return { id: String(i), references, prediction: `${half} ${caption(random)}` };
  });
}

interface Scores {
  readonly CIDEr: number;
  readonly 'BLEU-4': number;
  readonly 'ROUGE-L': number;
}

function score(items: readonly CaptionItem[]): Scores {
  const { forNgrams, forRouge } = tokenizedCaptions(items);
  const counted = countNgrams(forNgrams);
  return {
    CIDEr: cider(forNgrams, 'cider-d', counted).corpus,
    'BLEU-4': bleu(forNgrams, counted).corpus[3]!,
    'ROUGE-L': rougeL(forRouge).corpus,
  };
}

const items = madeUp(images);
const seconds: number[] = [];
let ours: Scores | undefined;
for (let i = 0; i < repeat; i += 1) {
  const begun = performance.now();
  ours = score(items);
  seconds.push((performance.now() - begun) / 1000);
}
const rows: Record<string, unknown>[] = [{ of: 'ours', seconds: median(seconds).toFixed(2), ...ours }];
if (values.python !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'dept-captions-'));
  try {
    const path = join(folder, 'captions.json');
    writeFileSync(path, JSON.stringify(items));
    const script = fileURLToPath(new URL('peer/caption_metrics.py', import.meta.url));
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const printed = execFileSync(values.python, [script, path, String(repeat)], { encoding: 'utf8', stdio });
    const peer = JSON.parse(printed.trimEnd().split('\n').at(-1)!) as { seconds: number[]; scores: Scores };
    rows.push({ of: 'pycocoevalcap', seconds: median(peer.seconds).toFixed(2), ...peer.scores });
    rows.push({ of: 'ratio', seconds: (median(seconds) / median(peer.seconds)).toFixed(3) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.table(rows);
