/** The model library: what is installed, adding and removing. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';
import { pathSchema } from './paths.ts';

export const modelSchema = z.object({
  name: z.string(),
  folder: z.string(),
  kind: z.enum(['clip', 't5']),
  parameters: z.number(),
  /** The type of most parameters, as safetensors names it. */
  dtype: z.string(),
  /** In bytes. */
  size: z.number(),
  files: z.array(z.object({ name: z.string(), size: z.number() })),
  /** Ships with the program and cannot be removed. */
  bundled: z.boolean(),
  /** As its model card or licence file says; missing where neither does. */
  licence: z.string().optional(),
  /** What it is for and how it is built, in a line. */
  purpose: z.string(),
  /** What a person may ask for: blocks of a CLIP whose output can be the visual tokens, width of a T5. */
  layers: z.int().optional(),
  width: z.int().optional(),
  /** Where it was downloaded from; missing for a model that was added as a folder. */
  source: z.object({ endpoint: z.string(), repo: z.string(), commit: z.string() }).optional(),
});

export type Model = z.output<typeof modelSchema>;

export const brokenSchema = z.object({ name: z.string(), error: errorRecordSchema });

export const modelListSchema = z.object({ models: z.array(modelSchema), broken: z.array(brokenSchema) });

export const modelNameSchema = z.strictObject({ model: z.string().min(1).max(500) });

export const addModelSchema = z.strictObject({
  folder: pathSchema,
  name: z.string().min(1).max(100).optional(),
});

/** What is to be downloaded: the repository as a person writes it, and under which name it is to be kept. */
export const pullModelSchema = z.strictObject({
  repo: z.string().min(1).max(500),
  revision: z.string().min(1).max(200).optional(),
  name: z.string().min(1).max(100).optional(),
});

/** What a download would fetch, before it begins or goes on. */
export const pullPlanSchema = z.object({
  name: z.string(),
  repo: z.string(),
  commit: z.string(),
  kind: z.enum(['clip', 't5']),
  licence: z.string().optional(),
  files: z.array(z.object({ name: z.string(), size: z.number() })),
  /** Of all files. */
  bytes: z.number(),
  /** Of these: there already. */
  present: z.number(),
  /** On the disk of the library, and how much of it must be free. */
  free: z.number(),
  needed: z.number(),
});

export type PullPlan = z.output<typeof pullPlanSchema>;

/** A download that is under way or was left. */
export const unfinishedSchema = z.object({
  name: z.string(),
  /** As it was asked for, to go on with it. */
  requested: z.object({ repo: z.string(), revision: z.string().optional() }),
  repo: z.string(),
  bytes: z.number(),
  present: z.number(),
  active: z.boolean(),
});

export type UnfinishedDownload = z.output<typeof unfinishedSchema>;

export const unfinishedListSchema = z.object({ downloads: z.array(unfinishedSchema) });

const checkNames = [
  'files',
  'weights',
  'shapes',
  'values',
  'tokenizer',
  'preprocessing',
  'self-test',
  'published-numbers',
] as const;

export const modelCheckStepSchema = z.object({
  check: z.enum(checkNames),
  /** `skipped`: does not apply, or what it builds on has failed. */
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** What was found, in a line. */
  text: z.string(),
  details: z.array(z.string()).optional(),
  error: errorRecordSchema.optional(),
  seconds: z.number().optional(),
});

export type ModelCheckStep = z.output<typeof modelCheckStepSchema>;

/** Whether a model can be used, step by step. */
export const modelCheckSchema = z.object({
  name: z.string(),
  folder: z.string(),
  /** Missing where its configuration cannot be read. */
  kind: z.enum(['clip', 't5']).optional(),
  passed: z.boolean(),
  steps: z.array(modelCheckStepSchema),
});

export type ModelCheck = z.output<typeof modelCheckSchema>;
