/** The hub that `download a model` asks: on this machine, and found through the environment, which processes inherit. */
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { filesOf, StandIn } from '../weights/hub/stand-in.ts';
import { REPO } from './operations.ts';

/** Starts before the tests of the file, ends after them. */
export function hubForFile(): void {
  let hub: StandIn;
  beforeAll(async () => {
    hub = await StandIn.start();
    hub.add(REPO, filesOf(join(import.meta.dirname, '..', 'golden', 't5-float16'), { 'tokenizer.json': '{}' }));
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await hub[Symbol.asyncDispose]();
  });
}
