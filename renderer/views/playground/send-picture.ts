/** Sends a picture to the host, which keeps it for some days under an id of its own. */
import { z } from 'zod';
import { errorRecordSchema, toDeptError } from '../../../engine/contract/errors.ts';

const answerSchema = z.object({ id: z.string(), width: z.number(), height: z.number() });
const failureSchema = z.object({ error: errorRecordSchema });

/** Throws `DeptError` for what is no picture or too large, and what `fetch` throws. `send` stands in for it in tests. */
export async function sendPicture(
  file: Blob,
  { signal, send = fetch }: { readonly signal: AbortSignal; readonly send?: typeof fetch },
): Promise<z.output<typeof answerSchema>> {
  const response = await send('/uploads', { method: 'POST', body: file, signal });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answerSchema.parse(body);
  const told = failureSchema.safeParse(body);
  if (told.success) throw toDeptError(told.data.error);
  const got = `status ${response.status}`;
  throw toDeptError({ code: 'runtime-failed', message: 'The picture could not be sent', got });
}
