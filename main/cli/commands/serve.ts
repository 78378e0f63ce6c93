/** `dept serve`: the app in a browser, on this machine only. */
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { portNumber } from '../arguments.ts';
import type { Act } from '../context.ts';

interface ServeOptions {
  readonly port: number;
  readonly open: boolean;
}

/** Opens the link in the person's browser; where there is none, the printed link is the way. */
async function openBrowser(link: string): Promise<void> {
  const { default: open } = await import('open');
  const child = await open(link);
  child.on('error', () => {});
}

export function addServe(program: Command, act: Act): void {
  program
    .command('serve')
    .description('the app in a browser, on this machine only; Ctrl-C saves and ends')
    .addOption(new Option('--port <port>', '0: any free one').argParser(portNumber).default(0))
    .option('--no-open', 'print the link only')
    .action(
      act(async ({ homeChoice, signal, message, environment }, { port, open }: ServeOptions) => {
        const { openWebMode } = await import('../../server/web-mode.ts');
        const own = { ...environment };
        delete environment.HF_TOKEN; // the browser that is opened inherits what is left
        const log = (text: string): void => message(text.trimEnd());
        const app = await openWebMode({ home: homeChoice, port, log, environment: own });
        message(`DePT Studio: ${app.link}`);
        if (open) await openBrowser(app.link).catch(() => message('No browser opened by itself: open the link.'));
        if (!signal.aborted) await once(signal, 'abort');
        await app.close();
        return { value: { link: app.link }, text: 'Stopped' };
      }),
    );
}
