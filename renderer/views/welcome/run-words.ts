/** A run in a few words, for lists on the first page. Pure. */
import type { DatasetSummary } from '../../../engine/contract/datasets.ts';
import type { RunSummary } from '../../../engine/contract/runs.ts';
import { count, plural } from '../../lib/formats.ts';
import { metricText } from '../runs/run-names.ts';

/** `accuracy 66.9 %`, `CIDEr 2.801`; empty before the first evaluation. */
export function bestOfRun({ best }: RunSummary): string {
  if (best === undefined) return '';
  return `${best.metric} ${metricText(best.metric, best.value)}`;
}

/** `150 of 300 steps`. */
export function stepsOfRun({ step, steps }: RunSummary): string {
  return steps === undefined || step === steps ? plural(step, 'step') : `${count(step)} of ${plural(steps, 'step')}`;
}

/** `2,600 pictures, 13,000 questions`. */
export function aboutDataset({ images, questions, captions }: DatasetSummary): string {
  const parts = [
    plural(images, 'picture'),
    questions > 0 ? plural(questions, 'question') : '',
    captions > 0 ? plural(captions, 'caption') : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
