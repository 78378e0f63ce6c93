/** Web mode: the app in a browser, from its parts to an address that is ready to be opened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeptError } from '../../engine/common/errors.ts';
import { EngineHost } from '../host/engine-host.ts';
import { forkEngine } from '../host/fork-engine.ts';
import { type HomeChoice, rememberHome } from '../host/home.ts';
import { createRoutes } from '../host/routes.ts';
import { serve } from './http-server.ts';

export interface WebModeOptions {
  readonly home: HomeChoice;
  /** 0: any free one. */
  readonly port: number;
  /** Takes what engine processes write for people. */
  readonly log: (text: string) => void;
  /** What engine processes are given of it is theirs alone to need. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface WebMode {
  readonly link: string;
  readonly host: EngineHost;
  /** Stops and saves what runs, then ends everything. */
  close(): Promise<void>;
}

/** The built page, beside `main` whether that runs as TypeScript or as built. */
export function rendererFolder(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return import.meta.url.endsWith('.ts') ? join(root, 'dist', 'renderer') : join(root, 'renderer');
}

/** Throws `not-found` where the page is not built, `bad-input` where the port cannot be used. */
export async function openWebMode({
  home: { home, fixedBy },
  port,
  log,
  environment,
}: WebModeOptions): Promise<WebMode> {
  const folder = rendererFolder();
  if (!existsSync(join(folder, 'index.html'))) {
    throw new DeptError('not-found', 'The page of the app is not built', {
      path: folder,
      remedy: 'Run "npm run build".',
    });
  }
  const host = new EngineHost({
    home,
    homeFixedBy: fixedBy,
    rememberHome,
    tell: log,
    spawn: forkEngine(log, environment),
    face: 'browser',
  });
  const server = await serve({ host, routes: createRoutes({ host, rendererFolder: folder }), port, log });
  host.prepare();
  return {
    link: server.link,
    host,
    close: async () => {
      await host.close();
      await server.close();
    },
  };
}
