/** What a model is, in a person's words. Pure. */
import type { Model } from '../../../engine/contract/models.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { bytes, compact, count } from '../../lib/formats.ts';

const precisions: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/** Safetensors' names for types are not those of the field. */
export function precisionOf({ dtype }: Model): string {
  return precisions[dtype] ?? dtype;
}

/** Model cards write SPDX's names in small letters. */
export function licenceInWords(licence = 'Not stated'): string {
  return /^(mit|apache-|bsd-|cc-|gpl-|agpl-|lgpl-)/.test(licence)
    ? licence.replace(/^[a-z]+/, (name) => (name === 'apache' ? 'Apache' : name.toUpperCase()))
    : licence;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What a card shows; `exact` writes numbers out. */
export function factsOf(model: Model, exact = false): Fact[] {
  const { kind, parameters, size, layers, width } = model;
  return [
    { label: 'Parameters', value: exact ? count(parameters) : compact(parameters) },
    { label: 'Size on disk', value: bytes(size) },
    { label: 'Precision', value: precisionOf(model) },
    ...(layers === undefined ? [] : [{ label: kind === 'clip' ? 'Layers' : 'Encoder layers', value: count(layers) }]),
    ...(width === undefined ? [] : [{ label: 'Width', value: count(width) }]),
    { label: 'Licence', value: licenceInWords(model.licence) },
  ];
}

/** Where it was downloaded from, in full. */
export function sourceOf({ source }: Model): (Fact & { readonly mono: true; readonly copy: true })[] {
  if (source === undefined) return [];
  const both = { mono: true, copy: true } as const;
  return [
    { label: 'From', value: `${source.endpoint}/${source.repo}`, ...both },
    { label: 'Commit', value: source.commit, ...both },
  ];
}

/** The runs that were trained on it. */
export function runsWith(name: string, runs: readonly RunSummary[]): RunSummary[] {
  return runs.filter(({ vision, language }) => vision === name || language === name);
}
