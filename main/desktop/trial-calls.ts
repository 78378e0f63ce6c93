/**
 * Trials of devices at an engine's request: a utility process can start none itself, so it asks main, over the same port as main
 * asks it.
 */
import { z } from 'zod';
import { devices } from '../../engine/common/devices.ts';
import { answerCalls } from '../../engine/contract/answering.ts';
import { ContractClient } from '../../engine/contract/client.ts';
import { type Trial, trialAnswerSchema } from '../../engine/contract/devices.ts';
import { requestSchema } from '../../engine/contract/messages.ts';
import type { Port } from '../../engine/contract/port.ts';
import { inbox } from '../host/inbox.ts';

const trialCalls = {
  'devices.try': { params: z.strictObject({ device: z.enum(devices) }), result: trialAnswerSchema },
} as const;

const requestTypes: ReadonlySet<unknown> = new Set(requestSchema.options.map(({ shape }) => shape.type.value));

/** One port as two: at `answering` the other side's requests arrive, at `asking` its replies. */
export function bothWays(port: Port): { readonly answering: Port; readonly asking: Port } {
  const [requests, replies] = [inbox<unknown>(), inbox<unknown>()];
  port.onMessage((message) => {
    const isRequest = requestTypes.has((message as { type?: unknown } | null)?.type);
    (isRequest ? requests : replies).deliver(message);
  });
  const half = (listen: Port['onMessage']): Port => ({
    post: (message) => port.post(message),
    onMessage: listen,
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  });
  return { answering: half(requests.listen), asking: half(replies.listen) };
}

/** The engine's side. */
export function trialOver(port: Port): Trial {
  const main = new ContractClient(port, trialCalls);
  return (device, signal) => main.call('devices.try', { device }, { signal });
}

/** Main's side: an engine that stops asking, or ends, has its trials ended. */
export function answerTrials(port: Port, trial: Trial): void {
  answerCalls(port, trialCalls, { 'devices.try': ({ device }, { signal }) => trial(device, signal) });
}
