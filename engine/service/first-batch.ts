/** The first batch of a run as the model sees it, kept in the run's folder as `first-batch.json`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../common/files.ts';
import { readJson } from '../common/json.ts';
import { type FirstBatch, firstBatchSchema } from '../contract/runs.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type BatchPlan, BatchSequence } from '../training/batches.ts';
import type { ExampleSource } from './examples.ts';
import type { OpenModel } from './open-model.ts';

/** Examples that are written out; a batch may have hundreds. */
const EXAMPLES = 8;

type Piece = FirstBatch['padding'];

function pathIn({ folder }: RunFolder): string {
  return join(folder, 'first-batch.json');
}

function pieceOf(tokenizer: Tokenizer, id: number): Piece {
  return { id, text: tokenizer.pieceOf(id) ?? '' };
}

/** Batch 0 of the plan: lengths are those of the whole batch, pieces those of its first examples. */
export function firstBatch(
  plan: BatchPlan,
  source: ExampleSource,
  { tokenizer, clipT5 }: Pick<OpenModel, 'tokenizer' | 'clipT5'>,
  { maxTextLength, targetLength }: Pick<TrainConfig, 'maxTextLength' | 'targetLength'>,
): FirstBatch {
  const { epoch, examples } = new BatchSequence(plan).at(0);
  const tokens = examples.map((i) => source.at(i, epoch));
  const pieces = (ids: readonly number[]): Piece[] => ids.map((id) => pieceOf(tokenizer, id));
  const isCut = (text: string, limit: number): boolean => tokenizer.encode(text).length > limit;
  return {
    batchSize: examples.length,
    order: [
      { part: 'prompt', length: clipT5.method.promptLength },
      { part: 'text', length: Math.max(...tokens.map(({ text }) => text.length)) },
      { part: 'visual', length: clipT5.visual.tokens },
    ],
    targetLength: Math.max(...tokens.map(({ target }) => target.ids.length)),
    padding: pieceOf(tokenizer, clipT5.config.padId),
    examples: examples.slice(0, EXAMPLES).map((i, place) => {
      const words = source.wordsAt(i, epoch);
      const { text, target } = tokens[place]!;
      return {
        ...words,
        pieces: pieces(text),
        cut: isCut(words.text, maxTextLength),
        targetPieces: pieces(target.ids),
        targetCut: isCut(words.target, targetLength),
      };
    }),
  };
}

export function writeFirstBatch(run: RunFolder, ...batch: Parameters<typeof firstBatch>): void {
  writeJsonAtomic(pathIn(run), firstBatch(...batch));
}

/** Null where the run has not come so far, or is of a program that did not write it. Throws `bad-file`. */
export function readFirstBatch(run: RunFolder): FirstBatch | null {
  return existsSync(pathIn(run)) ? readJson(pathIn(run), firstBatchSchema) : null;
}
