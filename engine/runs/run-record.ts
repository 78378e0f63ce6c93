/** `run.json`: what a run is, what it was made from, and how it stands. */
import { z } from 'zod';

const text = z.string().optional();
const errorRecord = z.looseObject({
  code: z.string(),
  message: z.string(),
  expected: text,
  got: text,
  path: text,
  remedy: text,
});

export const runRecordSchema = z.looseObject({
  id: z.string(),
  /** ISO 8601, UTC. */
  created: z.string(),
  status: z.enum(['created', 'running', 'stopped', 'finished', 'failed']),
  /** Why the run failed. */
  error: errorRecord.optional(),
  /** Values that are trained, values of the frozen T5, and the first as a share of both (0..1). */
  parameters: z.object({ trained: z.number(), frozen: z.number(), share: z.number() }).optional(),
  /** The full training config; its own schema is the contract's. */
  config: z.record(z.string(), z.unknown()),
  /** Hashes of what the run was trained on: models, dataset. */
  fingerprints: z.record(z.string(), z.string()),
  /** Of this program, of Node and of ONNX Runtime. */
  versions: z.record(z.string(), z.string()),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** A status as it stands on disk, or `interrupted`: said to be running, by a process that is gone. */
export type RunState = RunRecord['status'] | 'interrupted';
