/** A published T5: its config, and its weights under one set of names, whichever copies of the word embedding it holds. */
import { DeptError } from '../../common/errors.ts';
import { type Checkpoint, openCheckpoint } from '../../weights/checkpoint.ts';
import { sameTensor } from '../../weights/same-tensor.ts';
import { readT5Config, type T5Config } from './config.ts';

export interface T5 {
  readonly config: T5Config;
  /** Holds the word embedding as `shared.weight`. */
  readonly checkpoint: Checkpoint;
}

const EMBEDDING = 'shared.weight';
/** Names of each stack's copy of the embedding; older exporters left out `shared.weight` and kept one of these. */
const STACK_EMBEDDINGS = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'];
const HEAD = 'lm_head.weight';

function withName(checkpoint: Checkpoint, name: string, actual: string): Checkpoint {
  const resolve = (asked: string): string => (asked === name ? actual : asked);
  return {
    ...checkpoint,
    has: (asked) => checkpoint.has(resolve(asked)),
    tensor: (asked) => checkpoint.tensor(resolve(asked)),
    floats: (asked, row) => checkpoint.floats(resolve(asked), row),
  };
}

/**
 * Opens the model in `folder`. As in transformers 5, a head that the checkpoint holds beside the embedding is used where
 * the two differ, even if the config calls them tied: from version 5 on transformers saves T5 v1.1 so.
 * @throws DeptError what `readT5Config` and `openCheckpoint` throw, 'unsupported' where the stacks' embeddings differ.
 */
export function openT5(folder: string): T5 {
  const config = readT5Config(folder);
  const checkpoint = openCheckpoint(folder);
  const names = [EMBEDDING, ...STACK_EMBEDDINGS, ...(config.tied ? [HEAD] : [])];
  const [first, ...copies] = names.filter(checkpoint.has);
  if (first === undefined) return { config, checkpoint };

  const differing = copies.filter((name) => !sameTensor(checkpoint.tensor(first), checkpoint.tensor(name)));
  const stack = differing.find((name) => name !== HEAD);
  if (stack !== undefined) {
    throw new DeptError('unsupported', 'The stacks of this T5 have word embeddings of their own', {
      path: folder,
      expected: `${stack} equal to ${first}`,
      got: 'other values',
    });
  }
  return {
    config: { ...config, tied: config.tied && !differing.includes(HEAD) },
    checkpoint: first === EMBEDDING ? checkpoint : withName(checkpoint, EMBEDDING, first),
  };
}
