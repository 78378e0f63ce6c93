/** What an import tells at its end, as the result of its job. Pure. */
import { z } from 'zod';
import { refusalSchema } from '../../../../engine/contract/datasets.ts';

const importReportSchema = z.object({
  dataset: z.object({ name: z.string() }),
  /** What this import brought. */
  parts: z.array(z.object({ task: z.enum(['vqa', 'caption']), split: z.string(), items: z.number() })),
  /** Records of splits that were not asked for. */
  skipped: z.number(),
  refused: z.object({
    total: z.number(),
    byCode: z.record(z.string(), z.number()),
    examples: z.array(refusalSchema),
  }),
});

export type ImportReport = z.output<typeof importReportSchema>;

export function readImportReport(result: unknown): ImportReport {
  return importReportSchema.parse(result);
}
