/** The results of `dept bench` as tables: for the terminal and for the report. */
import { modeText } from '../memory-modes.ts';
import type { Measured } from './measurements.ts';
import { median } from './timing.ts';

export interface BenchTable {
  readonly title: string;
  readonly headings: readonly string[];
  /** Numbers are rounded for reading. */
  readonly rows: readonly (readonly (string | number)[])[];
}

type Of<What extends Measured['what']> = Extract<Measured, { readonly what: What }>;

const digits = (value: number, places: number): number => Number(value.toFixed(places));
const gigabytes = (bytes: number): number => digits(bytes / 1e9, 2);

export function methodText({ method: { name, promptLength }, rank }: Pick<Of<'step'>, 'method' | 'rank'>): string {
  return name === 'dept' ? `DePT m = ${promptLength}, r = ${rank}` : `prompt tuning l = ${promptLength}`;
}

function stepTable(results: readonly Of<'step'>[]): BenchTable {
  return {
    title: 'Training step',
    headings: [
      'model',
      'shape',
      'method',
      'memory',
      'values',
      's/step',
      'samples/s',
      'GFLOP/s',
      '% of matmul rate',
      'peak GB',
    ],
    rows: results.map((one) => [
      one.model,
      one.shape,
      methodText(one),
      modeText(one.mode),
      one.parameters,
      digits(median(one.seconds), 3),
      digits(one.samplesPerSecond, 2),
      digits(one.flops / 1e9, 1),
      digits((100 * one.flops) / one.machineFlops, 0),
      gigabytes(one.memory),
    ]),
  };
}

function decodingTable(results: readonly Of<'decoding'>[]): BenchTable {
  return {
    title: 'Decoding',
    headings: ['model', 'search', 'batch', 's/batch', 'images/s', 'tokens/s', 'peak GB'],
    rows: results.map(({ model, shape: { beams, batch }, seconds, imagesPerSecond, tokensPerSecond, memory }) => [
      model,
      beams === 1 ? 'greedy' : `beam ${beams}`,
      batch,
      digits(median(seconds), 3),
      digits(imagesPerSecond, 2),
      digits(tokensPerSecond, 1),
      gigabytes(memory),
    ]),
  };
}

function featuresTable(results: readonly Of<'features'>[]): BenchTable {
  return {
    title: 'Visual features, from the picture file on',
    headings: ['model', 'pictures', 's', 'images/s', 'peak GB'],
    rows: results.map(({ model, pictures, seconds, imagesPerSecond, memory }) => [
      model,
      pictures,
      digits(median(seconds), 3),
      digits(imagesPerSecond, 2),
      gigabytes(memory),
    ]),
  };
}

/** One table for each kind of measurement that there is. */
export function benchTables(results: readonly Measured[]): BenchTable[] {
  const all = [
    stepTable(results.filter((one) => one.what === 'step')),
    decodingTable(results.filter((one) => one.what === 'decoding')),
    featuresTable(results.filter((one) => one.what === 'features')),
  ];
  return all.filter(({ rows }) => rows.length > 0);
}
