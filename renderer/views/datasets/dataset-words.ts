/** What a dataset holds, in words, and where it is trained on. Pure. */
import type { DatasetSummary, ImportFormat } from '../../../engine/contract/datasets.ts';
import { plural } from '../../lib/formats.ts';
import { hrefOf } from '../../lib/page-routes.ts';

export const formatLabels: Readonly<Record<ImportFormat, string>> = {
  'coco-captions': 'COCO captions',
  karpathy: 'Karpathy split',
  'vqa-v2': 'VQA v2',
  'vlt5-vqa': 'VL-T5 VQA',
  jsonl: 'JSON lines',
  csv: 'CSV table',
  images: 'Folder of pictures',
};

/** `1,200 pictures · 3,000 questions`; what there is none of is left out. */
export function contentsOf({
  images,
  questions,
  captions,
}: Pick<DatasetSummary, 'images' | 'questions' | 'captions'>): string {
  const parts = [plural(images, 'picture')];
  if (questions > 0) parts.push(plural(questions, 'question'));
  if (captions > 0) parts.push(plural(captions, 'caption'));
  return parts.join(' · ');
}

/** Setting up a run on it, for the one task that it is good for where it is one. */
export function trainAddress(dataset: string, tasks: readonly string[]): string {
  return hrefOf('train', {}, { dataset, task: tasks.length === 1 ? tasks[0] : undefined });
}

/** A code of refusals as words: `missing-image` is `Missing image`. */
export function refusalLabel(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
