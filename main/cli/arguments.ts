/** Arguments and options that more than one command has. */
import { InvalidArgumentError, Option } from 'commander';
import type { CheckpointChoice } from '../../engine/contract/calls.ts';

/** A whole number from 1 up. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number from 1 up.');
  return value;
}

/** A TCP port; 0 stands for any free one. */
export function portNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}

/** `best`, `last` or a step. */
export function checkpoint(text: string): CheckpointChoice {
  if (text === 'best' || text === 'last') return text;
  const step = Number(text);
  if (!Number.isInteger(step) || step < 0) throw new InvalidArgumentError('Expected best, last or a step.');
  return step;
}

/** `last` or the number of a block. */
export function layer(text: string): 'last' | number {
  return text === 'last' ? text : positive(text);
}

export function checkpointOption(): Option {
  return new Option('--checkpoint <which>', 'best, last or a step').argParser(checkpoint).default('best');
}

/** For an option that may be given several times. */
export function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

export function runOption(): Option {
  return new Option('--run <run>', 'the trained run to use').makeOptionMandatory();
}
