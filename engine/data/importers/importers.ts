/** The importer of each format. */
import type { Format, Importer } from '../source.ts';
import { importCocoCaptions } from './coco-captions.ts';
import { importCsv } from './csv.ts';
import { importImages } from './images.ts';
import { importJsonl } from './jsonl.ts';
import { importKarpathy } from './karpathy.ts';
import { importVlt5Vqa } from './vlt5-vqa.ts';
import { importVqaV2 } from './vqa-v2.ts';

export const IMPORTERS: { readonly [F in Format]: Importer } = {
  'coco-captions': importCocoCaptions,
  karpathy: importKarpathy,
  'vqa-v2': importVqaV2,
  'vlt5-vqa': importVlt5Vqa,
  jsonl: importJsonl,
  csv: importCsv,
  images: importImages,
};
