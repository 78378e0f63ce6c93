/** The COCO caption evaluation: predictions and references in, the table's metrics out. */
import { DeptError } from '../common/errors.ts';
import { bleu } from './bleu.ts';
import { captionTokens } from './caption-tokens.ts';
import { cider } from './cider.ts';
import { meteor } from './meteor.ts';
import { countNgrams } from './ngrams.ts';
import { rougeL } from './rouge-l.ts';
import type { TokenizedItem } from './tokenized.ts';

/** One image: the generated caption and those people wrote. */
export interface CaptionItem {
  readonly id: string;
  readonly prediction: string;
  readonly references: readonly string[];
}

/** Plain ratios; CIDEr (that is CIDEr-D) from 0 to 10. Papers print all of them times 100. */
export interface CaptionMetrics {
  readonly CIDEr: number;
  readonly 'BLEU-1': number;
  readonly 'BLEU-2': number;
  readonly 'BLEU-3': number;
  readonly 'BLEU-4': number;
  readonly 'ROUGE-L': number;
  /** A little lower than the official one, see `metric-notes.ts`. */
  readonly 'METEOR (no paraphrases)': number;
}

export interface CaptionScores extends CaptionMetrics {
  readonly perItem: readonly ({ readonly id: string } & CaptionMetrics)[];
}

/** The evaluation writes captions back as text, and BLEU and CIDEr split it at no-break spaces too ("1 1/2" is one PTB token). */
const atAnyBlank = (tokens: readonly string[]): readonly string[] =>
  tokens.some((token) => token.includes('\u00A0')) ? tokens.flatMap((token) => token.split('\u00A0')) : tokens;

/** Of a whole file: PTB tokens as ROUGE-L and METEOR take them, and as BLEU and CIDEr do. */
export function tokenizedCaptions(items: readonly CaptionItem[]): {
  readonly forRouge: readonly TokenizedItem[];
  readonly forNgrams: readonly TokenizedItem[];
} {
  const forRouge = tokenized(items);
  const forNgrams = forRouge.map(({ hypothesis, references }) => ({
    hypothesis: atAnyBlank(hypothesis),
    references: references.map(atAnyBlank),
  }));
  return { forRouge, forNgrams };
}

function tokenized(items: readonly CaptionItem[]): TokenizedItem[] {
  const hypotheses = captionTokens(items.map((item) => item.prediction));
  const references = captionTokens(items.flatMap((item) => item.references));
  let next = 0;
  return items.map((item, i) => {
    const own = references.slice(next, next + item.references.length);
    next += item.references.length;
    return { hypothesis: hypotheses[i]!, references: own };
  });
}

const metrics = (cider: number, bleu: readonly number[], rouge: number, meteor: number): CaptionMetrics => ({
  CIDEr: cider,
  'BLEU-1': bleu[0]!,
  'BLEU-2': bleu[1]!,
  'BLEU-3': bleu[2]!,
  'BLEU-4': bleu[3]!,
  'ROUGE-L': rouge,
  'METEOR (no paraphrases)': meteor,
});

/**
 * Scores captions as `pycocoevalcap` does, but for METEOR's paraphrases and SPICE, which are left out.
 * @throws DeptError `bad-input` when there is nothing to score or an image has no reference.
 */
export function scoreCaptions(items: readonly CaptionItem[]): CaptionScores {
  if (items.length === 0) {
    throw new DeptError('bad-input', 'There are no captions to score', { expected: 'one image or more', got: 'none' });
  }
  const bare = items.find((item) => item.references.length === 0);
  if (bare !== undefined) {
    throw new DeptError('bad-input', `Image ${bare.id} has no reference caption`, {
      expected: 'one reference or more for every image',
      got: 'none',
      remedy: 'Leave the image out, or give its references',
    });
  }
  const { forRouge, forNgrams } = tokenizedCaptions(items);
  const counted = countNgrams(forNgrams);
  const ciderScores = cider(forNgrams, 'cider-d', counted);
  const bleuScores = bleu(forNgrams, counted);
  const rougeScores = rougeL(forRouge);
  const meteorScores = meteor(forRouge);
  return {
    ...metrics(ciderScores.corpus, bleuScores.corpus, rougeScores.corpus, meteorScores.corpus),
    perItem: items.map(({ id }, i) => ({
      id,
      ...metrics(ciderScores.perItem[i]!, bleuScores.perItem[i]!, rougeScores.perItem[i]!, meteorScores.perItem[i]!),
    })),
  };
}
