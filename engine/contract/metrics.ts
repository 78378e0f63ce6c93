/** Metrics by name, as in `dept ... --json`: VQA accuracy in percent, caption metrics as plain ratios, `perAnswerType`. */
import { z } from 'zod';

export const metricsSchema = z.record(z.string(), z.union([z.number(), z.record(z.string(), z.number())]));

export type Metrics = Readonly<z.output<typeof metricsSchema>>;
