/** The measurements of `dept bench`: which there are for a request, and each one carried out. A process does one of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { peakMemory } from '../../common/process.ts';
import { bundledModelsFolder } from '../../weights/bundled.ts';
import { findModel } from '../../weights/library.ts';
import { type DecodingShape, decodingRates, measureDecoding } from './decoding.ts';
import { measureFeatures, writePhotographs } from './features.ts';
import { writeRandomClip } from './random-clip.ts';
import { sizes, type T5Size, writeRandomT5 } from './random-t5.ts';
import { FULL_LENGTH, measureStep, type StepResult } from './step.ts';
import { type StepMethod, stepShapes } from './step-model.ts';
import { median } from './timing.ts';

export const benchSubjects = ['step', 'methods', 'decoding', 'features'] as const;
export type BenchSubject = (typeof benchSubjects)[number];

export type StepShapeName = keyof typeof stepShapes;

export interface BenchRequest {
  /** Short names of sizes (`small`, `base`, `large`, `3b`: random weights), or T5 models of the library. */
  readonly models: readonly string[];
  readonly shapes: readonly StepShapeName[];
  readonly subjects: readonly BenchSubject[];
  /** Repetitions of each measurement, of which the median counts. */
  readonly repeat: number;
  /** CPU threads; null: as many as there are cores. */
  readonly threads: number | null;
}

interface Common {
  /** A folder's name in the home of the measurement. */
  readonly model: string;
  readonly repeat: number;
  readonly threads: number | null;
}

export type Measurement =
  | (Common & { readonly what: 'step'; readonly shape: StepShapeName; readonly method: StepMethod })
  | (Common & { readonly what: 'decoding'; readonly shape: DecodingShape })
  | (Common & { readonly what: 'features'; readonly pictures: number });

interface DecodingResult {
  readonly seconds: readonly number[];
  readonly imagesPerSecond: number;
  readonly tokensPerSecond: number;
}

interface FeaturesResult {
  readonly seconds: readonly number[];
  readonly imagesPerSecond: number;
}

/** A measurement with its result, and the most bytes its process ever had resident. */
export type Measured = { readonly memory: number } & (
  | (Extract<Measurement, { what: 'step' }> & StepResult)
  | (Extract<Measurement, { what: 'decoding' }> & DecodingResult)
  | (Extract<Measurement, { what: 'features' }> & FeaturesResult)
);

const CLIP = 'clip-vit-base-patch32';
const PICTURES = 128;
/** The prompt length of DePT where one stands for all, by shape: those whose published settings the shapes are of. */
const USUAL_PROMPT = { vl: 20, 'vl-1': 20, glue: 40 } as const satisfies Record<StepShapeName, number>;
/** m of the paper's figures 3 and 4. */
const PROMPT_LENGTHS = [0, 20, 40, 60, 80];

const deptWith = (promptLength: number): StepMethod => ({ name: 'dept', promptLength });
const promptTuning: StepMethod = { name: 'prompt-tuning', promptLength: FULL_LENGTH };

/** 40 virtual tokens, a text of 20, 36 visual tokens; captions of 20 ids. */
const decodingShape = (beams: number): DecodingShape => ({ batch: 16, source: 96, length: 20, beams });

const isSize = (model: string): model is T5Size => model in sizes;
/** `base` for `t5-base`; other names are the library's. */
const modelName = (model: string): string => (isSize(`t5-${model}`) ? `t5-${model}` : model);

/** In the order in which they are to be carried out. */
export function measurementsOf({ models, shapes, subjects, repeat, threads }: BenchRequest): Measurement[] {
  const asked = new Set(subjects);
  const steps = models.map(modelName).flatMap((model) =>
    shapes.flatMap((shape) => {
      const one = asked.has('step') ? [deptWith(USUAL_PROMPT[shape])] : [];
      const methods = asked.has('methods') ? [promptTuning, ...PROMPT_LENGTHS.map(deptWith)] : one;
      return methods.map((method) => ({ what: 'step' as const, model, shape, method, repeat, threads }));
    }),
  );
  const decoding = (asked.has('decoding') ? models.map(modelName) : []).flatMap((model) =>
    [1, 5].map((beams) => ({ what: 'decoding' as const, model, shape: decodingShape(beams), repeat, threads })),
  );
  const features = { what: 'features' as const, model: CLIP, pictures: PICTURES, repeat, threads };
  return [...steps, ...decoding, ...(asked.has('features') ? [features] : [])];
}

/** Writes the random models and the pictures that these measurements need into `scratch`, which is a home folder. */
export async function prepareBench(scratch: string, measurements: readonly Measurement[]): Promise<void> {
  for (const model of new Set(measurements.map(({ model }) => model))) {
    const folder = join(scratch, 'models', model);
    if (isSize(model)) writeRandomT5(folder, model);
    else if (model === CLIP) writeRandomClip(folder);
  }
  if (measurements.some(({ what }) => what === 'features')) await writePhotographs(pictureFolder(scratch), PICTURES);
}

const pictureFolder = (scratch: string): string => join(scratch, 'pictures');

/** `home` holds the library; `scratch` what `prepareBench` made. */
export async function measure(home: string, scratch: string, measurement: Measurement): Promise<Measured> {
  const { model, repeat } = measurement;
  const threads = measurement.threads ?? undefined;
  const t5 = (): string =>
    isSize(model) ? join(scratch, 'models', model) : findModel(home, model, bundledModelsFolder());
  switch (measurement.what) {
    case 'step': {
      const shape = stepShapes[measurement.shape];
      const widened = join(scratch, 'widened');
      const result = await measureStep(t5(), shape, measurement.method, repeat, widened, { threads });
      return { ...measurement, ...result, memory: peakMemory() };
    }
    case 'decoding': {
      const { seconds } = await measureDecoding(t5(), measurement.shape, repeat, { threads });
      return { ...measurement, seconds, ...decodingRates(measurement.shape, seconds), memory: peakMemory() };
    }
    case 'features': {
      const paths = readdirSync(pictureFolder(scratch)).map((name) => join(pictureFolder(scratch), name));
      const seconds = await measureFeatures(scratch, model, paths, repeat, measurement.threads);
      return { ...measurement, seconds, imagesPerSecond: paths.length / median(seconds), memory: peakMemory() };
    }
  }
}
