/** The one interface of all tuning methods, and what a method may know of the frozen model. */
import type { InputFront } from '../vision-language/clip-t5.ts';

export interface TuningMethod extends InputFront {
  readonly name: string;
}

/** What a method's shapes and first values may depend on. */
export interface FrozenModel {
  /** d: width of the word embeddings. */
  readonly width: number;
  readonly vocabularySize: number;
  /** One row of the word embeddings, float32. */
  wordEmbedding(id: number): Float32Array;
  /** Token ids of a text, end of text included. */
  encode(text: string): readonly number[];
}
