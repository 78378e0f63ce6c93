/** What the page may ask of main: who asks is checked first, then what. */
import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { z } from 'zod';
import { DeptError } from '../../engine/common/errors.ts';
import { type PathChoice, pathKinds } from '../../engine/contract/desktop-bridge.ts';
import { channels } from './channels.ts';
import type { PageConnections } from './page-port.ts';
import { PAGE_ORIGIN } from './page-scheme.ts';

const nothingSchema = z.tuple([]);
const openSchema = z.tuple([z.uuid()]);
/** The message itself is checked where the contract is answered, which can tell the page what is wrong with it. */
const messageSchema = z.tuple([z.uuid(), z.unknown()]);
const choosePathsSchema = z.tuple([z.strictObject({ kind: z.enum(pathKinds), title: z.string().max(200) })]);

export interface IpcOptions {
  /** The page of our window, undefined while there is none. */
  readonly page: () => { readonly contents: WebContents; readonly connections: PageConnections } | undefined;
  readonly choosePaths: (choice: PathChoice) => Promise<readonly string[]>;
  readonly chooseHome: () => Promise<string | null>;
  readonly takeOpenedPaths: () => readonly string[];
  readonly log: (text: string) => void;
}

/** Only the main frame of our own window, and only while it shows our own page. */
function comesFromPage(
  { sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent,
  page: WebContents | undefined,
): boolean {
  return page !== undefined && sender === page && senderFrame === page.mainFrame && senderFrame.origin === PAGE_ORIGIN;
}

function refuse(channel: string, reason: string): DeptError {
  return new DeptError('bad-input', `The window's main process does not take this: ${reason}`, { path: channel });
}

export function listenToPage(options: IpcOptions): void {
  const { page, log } = options;

  function checked<Args>(
    channel: string,
    event: IpcMainEvent | IpcMainInvokeEvent,
    schema: z.ZodType<Args>,
    args: unknown,
  ): Args {
    if (!comesFromPage(event, page()?.contents)) throw refuse(channel, 'it comes from a foreign frame');
    const result = schema.safeParse(args);
    if (!result.success) throw refuse(channel, z.prettifyError(result.error));
    return result.data;
  }

  /** Nobody waits for an answer: what is refused is written down. */
  function on<Args extends unknown[]>(channel: string, schema: z.ZodType<Args>, hear: (...args: Args) => void): void {
    ipcMain.on(channel, (event, ...args: unknown[]) => {
      try {
        hear(...checked(channel, event, schema, args));
      } catch (error) {
        if (!(error instanceof DeptError)) throw error;
        log(error.describe());
      }
    });
  }

  function handle<Args extends unknown[]>(
    channel: string,
    schema: z.ZodType<Args>,
    answer: (...args: Args) => unknown,
  ): void {
    ipcMain.handle(channel, async (event, ...args: unknown[]) => answer(...checked(channel, event, schema, args)));
  }

  on(channels.open, openSchema, (name) => page()?.connections.open(name));
  on(channels.message, messageSchema, (name, message) => page()?.connections.receive(name, message));
  handle(channels.choosePaths, choosePathsSchema, options.choosePaths);
  handle(channels.chooseHome, nothingSchema, options.chooseHome);
  handle(channels.takeOpenedPaths, nothingSchema, options.takeOpenedPaths);
}
