/** A batch of prompts being decoded: their cross-attention, the keys and values of all ids so far, and whose are whose. */
import type { T5Config } from '../models/t5/config.ts';
import type { Session, Value } from '../runtime/session.ts';
import { Rows } from './rows.ts';
import { keysValuesNames, stepBuckets } from './step-graph.ts';

/** A beam's newest id, and which beam of the step before it continues. */
export interface StepBeam {
  readonly id: number;
  readonly origin: number;
}

export class DecodingBatch {
  readonly #session: Session;
  readonly #config: T5Config;
  /** What is kept by prompt: `cross.*` and `mask`. */
  readonly #sources: ReadonlyMap<string, Rows>;
  /** `past.*`: a row for each id decoded so far, only ever appended to. */
  readonly #past: ReadonlyMap<string, Rows>;
  /** By prompt and by beam of the last step: the rows of the beam's ids. Beams share a history by naming the same rows. */
  #paths: number[][][];
  #rows = 0;

  /** `session` runs `stepGraph`; `cross` is what `crossGraph` gave for these prompts, and is taken over. */
  constructor(session: Session, config: T5Config, cross: Readonly<Record<string, Value>>, mask: Value) {
    const own = { ...cross, mask: { ...mask, data: mask.data.slice() } };
    this.#session = session;
    this.#config = config;
    this.#sources = new Map(
      Object.entries(own).map(([name, { data, shape }]) => [name, new Rows(shape.slice(1), data as Float32Array)]),
    );
    const inner = config.heads * config.headWidth;
    this.#past = new Map(keysValuesNames(config, 'past').map((name) => [name, new Rows([inner])]));
    this.#paths = Array.from({ length: mask.shape[0]! }, () => [[]]);
  }

  /**
   * Decodes one id for every beam; beams[prompt] has the same length for every prompt. At the first step the origin is 0.
   * @returns what the graph's head gives, by prompt and beam; `extra` is what only the head is fed.
   */
  async step(
    beams: readonly (readonly StepBeam[])[],
    extra: Readonly<Record<string, Value>> = {},
  ): Promise<Record<string, Value>> {
    const width = beams[0]!.length;
    const paths = beams.map((row, prompt) => row.map(({ origin }) => this.#paths[prompt]![origin]!));
    const results = await this.#session.run({ ...this.#feeds(beams, paths), ...extra });
    this.#past.forEach((rows, name) => {
      rows.append(results[name.replace('past', 'fresh')]!.data as Float32Array);
    });
    const first = this.#rows;
    this.#rows += beams.length * width;
    this.#paths = paths.map((row, prompt) => row.map((path, beam) => [...path, first + prompt * width + beam]));
    return results;
  }

  #feeds(beams: readonly (readonly StepBeam[])[], paths: readonly number[][][]): Record<string, Value> {
    const [prompts, width, past] = [beams.length, beams[0]!.length, paths[0]![0]!.length];
    const slots = paths.flatMap((row) => Array.from({ length: past }, (_, step) => row.map((path) => path[step]!)));
    const feeds: Record<string, Value> = {
      ids: int64(
        beams.flat().map(({ id }) => id),
        [prompts, width],
      ),
      paths: int64(slots.flat(), [prompts, 1, past * width]),
      buckets: { data: stepBuckets(this.#config, width, past), shape: [width, (past + 1) * width] },
    };
    for (const [name, rows] of [...this.#sources, ...this.#past]) feeds[name] = rows.value();
    return feeds;
  }

  /** Decodes this prompt no further; the last prompt takes its place. */
  remove(prompt: number): void {
    for (const rows of this.#sources.values()) rows.remove(prompt);
    const last = this.#paths.pop()!;
    if (prompt < this.#paths.length) this.#paths[prompt] = last;
  }
}

export function int64(values: readonly number[], shape: readonly number[]): Value {
  return { data: BigInt64Array.from(values, BigInt), shape };
}
