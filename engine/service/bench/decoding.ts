/** How fast a T5 answers: from the encoder's input to token ids, by greedy or beam search. */
import { createGenerator } from '../../decoding/generate.ts';
import { compile } from '../../graph/compile.ts';
import { named } from '../../graph/dim.ts';
import { input } from '../../graph/sources.ts';
import { CheckpointBackbone } from '../../models/backbone.ts';
import { encode } from '../../models/t5/encoder.ts';
import { openT5 } from '../../models/t5/open.ts';
import { encoderBuckets } from '../../models/t5/positions.ts';
import { Session, type SessionOptions } from '../../runtime/session.ts';
import { randomValues } from './random-tensors.ts';
import { median, timed } from './timing.ts';

export interface DecodingShape {
  /** Prompts decoded together. */
  readonly batch: number;
  /** Positions of the encoder's input: prompt, text and visual tokens. */
  readonly source: number;
  /** Ids of an answer; with random weights every answer is so long. */
  readonly length: number;
  readonly beams: number;
}

export interface DecodingTimes {
  /** Seconds of each repetition: encoder and all steps of the decoder. */
  readonly seconds: readonly number[];
  /** Of the last one, by prompt. */
  readonly ids: readonly (readonly number[])[];
}

/** The encoder's input [batch, source, width] that the measurement reads: random, as wide as word embeddings. */
export function decodingInput({ batch, source }: DecodingShape, width: number): Float32Array<ArrayBuffer> {
  return randomValues('encoder input', batch * source * width, 1);
}

/** Decodes once to warm up and then `repeat` times. */
export async function measureDecoding(
  folder: string,
  shape: DecodingShape,
  repeat: number,
  options: SessionOptions = {},
): Promise<DecodingTimes> {
  const { config, checkpoint } = openT5(folder);
  const { batch, source, length, beams } = shape;
  const states = { data: decodingInput(shape, config.width), shape: [batch, source, config.width] };
  const mask = { data: new Float32Array(batch * source).fill(1), shape: [batch, source] };
  const buckets = { data: encoderBuckets(config, source), shape: [source, source] };

  const [rows, places] = [named('batch'), named('source')];
  const encoded = encode(new CheckpointBackbone(checkpoint), config, {
    states: input('states', 'float32', [rows, places, config.width]),
    mask: input('mask', 'float32', [rows, places]),
    buckets: input('buckets', 'int64', [places, places]),
  });
  const encoder = await Session.create(compile({ encoded }), options);
  const generator = await createGenerator({ checkpoint, config, ...options });
  try {
    const answer = async (): Promise<number[][]> => {
      const results = await encoder.run({ states, mask, buckets });
      const answers = await generator.generate({ states: results.encoded!, mask }, { beams, maxLength: length });
      return answers.map(([best]) => [...best!.ids]);
    };
    let ids = await answer();
    const seconds: number[] = [];
    for (let i = 0; i < repeat; i += 1) {
      seconds.push(
        await timed(async () => {
          ids = await answer();
        }),
      );
    }
    return { seconds, ids };
  } finally {
    await encoder.release();
    await generator.release();
  }
}

/** Images and tokens of answers per second, by the median. */
export function decodingRates({ batch, length }: DecodingShape, seconds: readonly number[]) {
  const middle = median(seconds);
  return { imagesPerSecond: batch / middle, tokensPerSecond: (batch * length) / middle };
}
