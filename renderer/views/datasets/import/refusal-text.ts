/** A record that was not taken, as one line of text. Pure. */
import type { Refusal } from '../../../../engine/contract/datasets.ts';
import { nameOfPath } from '../../../parts/path-picker/path-parts.ts';

/** `row on line 3 (my.csv:3): …` */
export function refusalText({ item, file, line, reason }: Refusal): string {
  const place = line === undefined ? nameOfPath(file) : `${nameOfPath(file)}:${line}`;
  return `${item} (${place}): ${reason}`;
}
