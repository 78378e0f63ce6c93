/** `dept serve`: what the browser that it starts is told, and what the engine. */
import { afterAll, expect, test, vi } from 'vitest';
import { type Host, processHost } from '../../main/cli/host.ts';
import { run } from '../../main/cli/program.ts';
import type { WebModeOptions } from '../../main/server/web-mode.ts';

const opened: { link: string; token: string | undefined }[] = [];
const served: WebModeOptions[] = [];
let interrupt = (): void => {};

vi.mock('open', () => ({
  default: async (link: string) => {
    opened.push({ link, token: process.env.HF_TOKEN }); // a child inherits process.env
    interrupt();
    return { on: () => {} };
  },
}));
vi.mock('../../main/server/web-mode.ts', () => ({
  openWebMode: async (options: WebModeOptions) => {
    served.push(options);
    return { link: 'http://127.0.0.1:1/#token=x', close: async () => {} };
  },
}));
afterAll(() => vi.unstubAllEnvs());

test('the browser is started without the token', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  const silent = { write: () => true };
  const onInterrupt: Host['onInterrupt'] = (listener) => {
    interrupt = listener;
    return () => {};
  };
  expect(await run(['serve'], { ...processHost, stdout: silent, stderr: silent, onInterrupt })).toBe(0);
  expect(opened).toEqual([{ link: 'http://127.0.0.1:1/#token=x', token: undefined }]);
  expect(served.map(({ environment }) => environment.HF_TOKEN)).toEqual(['hf_secret']);
});
