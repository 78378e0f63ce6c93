/** Adapters that go in and out: those of DePT's authors and of PEFT that are kept, and runs that are exported. */
import { z } from 'zod';
import { whole } from './decoding-config.ts';
import { brokenSchema } from './models.ts';
import { pathSchema } from './paths.ts';

const tensorSchema = z.object({
  name: z.string(),
  shape: z.array(whole(0)),
  /** As safetensors names it. */
  dtype: z.string(),
  /** Standard deviation, and the extremes. */
  spread: z.number(),
  least: z.number(),
  most: z.number(),
});

/** An adapter as its files say it is. */
export const adapterInfoSchema = z.object({
  name: z.string(),
  folder: z.string(),
  method: z.enum(['dept', 'prompt-tuning']),
  /** Of its configuration: DePT's authors', or PEFT's. */
  kind: z.enum(['PROMPT_TUNING_LORA', 'PROMPT_TUNING']),
  /** The file that its values are in. */
  file: z.string(),
  /** m, r (0: no low-rank update), s. */
  promptLength: whole(0),
  rank: whole(0),
  maxTextLength: whole(1).optional(),
  /** c, the factor on A B; missing without an update. */
  scale: z.number().optional(),
  /** d. */
  width: whole(1),
  /** The model that it says it was trained on. */
  base: z.string().optional(),
  /** Values of prompt and update that are used. */
  parameters: whole(0),
  tensors: z.array(tensorSchema),
  /** Of the values that the file does not hold or that are not used: what follows from it, in sentences. */
  remarks: z.array(z.string()),
  /** It comes with a projection of visual tokens. */
  hasProjection: z.boolean(),
});

export type AdapterInfo = z.output<typeof adapterInfoSchema>;

export const adapterListSchema = z.object({ adapters: z.array(adapterInfoSchema), broken: z.array(brokenSchema) });

export interface ImportAdapterRequest {
  /** Absolute. */
  readonly folder: string;
  /** Missing: the folder's own. */
  readonly name?: string;
  /** A T5 of the library that it must fit. */
  readonly language?: string;
}

/** `dept`: for the authors' fork of PEFT; `peft`: for PEFT; `onnx`: graphs that run anywhere. */
export const exportFormats = ['dept', 'peft', 'onnx'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportParamsSchema = z.strictObject({
  /** A run, by its id or its beginning, or an adapter that was imported. */
  run: z.string().min(1).max(200),
  /** Of a run: `best` by its metric, `last`, or the step of a saved checkpoint. */
  checkpoint: z.union([z.enum(['best', 'last']), whole(0)]).default('best'),
  format: z.enum(exportFormats),
  /** Absolute; a folder that is not there yet. Missing: one in `exports` of the home folder, named by run, step and format. */
  output: pathSchema.optional(),
});

export type ExportRequest = z.output<typeof exportParamsSchema>;

export const exportResultSchema = z.object({
  run: z.string(),
  /** Of the checkpoint; missing for an adapter. */
  step: whole(0).optional(),
  format: z.enum(exportFormats),
  folder: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: whole(0) })),
  /** What the receiving program will not find in it, in sentences. */
  remarks: z.array(z.string()),
});

export type ExportResult = z.output<typeof exportResultSchema>;
