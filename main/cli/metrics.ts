/** Metrics as a table, their groups (per answer type, per question type) below. */
import type { Metrics } from '../../engine/contract/metrics.ts';
import { decimal } from './numbers.ts';
import { facts } from './table.ts';

/** The plain metrics in one line: `accuracy 74.2`. */
export function metricsLine(metrics: Metrics): string {
  const plain = Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return plain.map(([name, value]) => `${name} ${decimal(value)}`).join('  ');
}

export function metricsText(metrics: Metrics): string {
  const plain: [string, number][] = [];
  const groups: string[] = [];
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value === 'number') plain.push([name, value]);
    else groups.push(`\n${name}\n${indent(facts(Object.entries(value)))}`);
  }
  return [facts(plain), ...groups].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
