/** What work tells on its way, as it travels over a port. */
import { z } from 'zod';
import { progressSchema } from './job-records.ts';
import { metricsSchema } from './metrics.ts';

const trainEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), run: z.string(), folder: z.string(), step: z.number(), steps: z.number() }),
  z.object({ type: z.literal('step'), step: z.number(), steps: z.number(), loss: z.number() }),
  z.object({ type: z.literal('evaluation'), step: z.number(), metrics: metricsSchema, best: z.boolean() }),
  z.object({ type: z.literal('checkpoint'), step: z.number(), folder: z.string() }),
]);

export const newsSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('event'), event: trainEvent }),
]);

export type News = z.input<typeof newsSchema>;
