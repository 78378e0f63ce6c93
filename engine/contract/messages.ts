/** What travels over a port, both ways: calls with answers, cancellation, progress on the way, and events for everybody. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';

const id = z.int().min(0);

/** From the side that asks. */
export const requestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id, call: z.string().max(100), params: z.unknown() }),
  /** Asks the work of a call to stop: it still ends with a result or an error. */
  z.strictObject({ type: z.literal('cancel'), id }),
  /** Holds the work of a call between two steps, or lets it go on. */
  z.strictObject({ type: z.literal('pause'), id, paused: z.boolean() }),
]);

/** From the side that answers. */
export const replySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), id, value: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id, error: errorRecordSchema }),
  /** Something about the work of a call, before its end. */
  z.strictObject({ type: z.literal('news'), id, news: z.unknown() }),
  z.strictObject({ type: z.literal('event'), event: z.unknown() }),
]);

export type Request = z.output<typeof requestSchema>;
export type Reply = z.output<typeof replySchema>;
