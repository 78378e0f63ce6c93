/** What the models of tokenizer.json have in common, and a memory for words that come again. */

export interface Model {
  /** Piece of each id. */
  readonly pieces: readonly (string | undefined)[];
  idOf(piece: string): number | undefined;
  /** The ids of a word's pieces; `word` is not empty. */
  encode(word: string): readonly number[];
}

const WORDS_REMEMBERED = 100_000;

/** The split of a word depends on nothing else, and a dataset says the same words over and over. */
export function rememberingWords(model: Model): Model {
  const memory = new Map<string, readonly number[]>();
  const encode = (word: string): readonly number[] => {
    let ids = memory.get(word);
    if (ids === undefined) {
      ids = model.encode(word);
      if (memory.size >= WORDS_REMEMBERED) memory.clear();
      memory.set(word, ids);
    }
    return ids;
  };
  return { ...model, encode };
}
