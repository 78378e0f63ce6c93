/** What no page may do, whatever it shows: go elsewhere, open windows, embed others, ask for permissions, download on its own. */
import { basename, join } from 'node:path';
import { app, type DownloadItem, type Session, shell, type WebContents } from 'electron';
import { PAGE_ORIGIN } from './page-scheme.ts';

/** Sites that the app's own texts link to; they open in the person's browser. */
const linkedHosts: readonly string[] = [
  'arxiv.org',
  'github.com',
  'huggingface.co',
  'onnxruntime.ai',
  'visualqa.org',
  'cocodataset.org',
];

/** Copying an error or a command is all that the page needs of the system. */
const permitted: readonly string[] = ['clipboard-sanitized-write'];

export function isLinkedSite(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  return protocol === 'https:' && port === '' && username === '' && password === '' && linkedHosts.includes(hostname);
}

/** Whether this download is one of our own exports, or a text that our page has put together itself. */
function isOwnFile(address: string): boolean {
  if (address.startsWith(`blob:${PAGE_ORIGIN}/`)) return true;
  if (!URL.canParse(address)) return false;
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}` === PAGE_ORIGIN && pathname.startsWith('/exports/');
}

function openLink(address: string): void {
  if (isLinkedSite(address)) void shell.openExternal(address);
}

function confinePage(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    event.preventDefault();
    if (event.isMainFrame) openLink(event.url);
  });
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
}

/** Every page of the app, present and future. Before the app is ready. */
export function confinePages(): void {
  app.on('web-contents-created', (_event, contents) => confinePage(contents));
}

export interface DownloadFolder {
  /** Where the last file was saved. */
  readonly get: () => string;
  readonly set: (path: string) => void;
}

/** The person says where a file goes; anything else is not downloaded. */
function guardDownload(event: { preventDefault(): void }, item: DownloadItem, folder: DownloadFolder): void {
  if (!isOwnFile(item.getURL())) {
    event.preventDefault();
    return;
  }
  item.setSaveDialogOptions({ title: 'Save file', defaultPath: join(folder.get(), basename(item.getFilename())) });
  item.once('done', (_event, state) => {
    if (state === 'completed') folder.set(item.getSavePath());
  });
}

export function confineSession(session: Session, folder: DownloadFolder): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => {
    answer(
      permitted.includes(permission) && URL.canParse(requestingUrl) && requestingUrl.startsWith(`${PAGE_ORIGIN}/`),
    );
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => {
    return permitted.includes(permission) && (origin === PAGE_ORIGIN || origin === `${PAGE_ORIGIN}/`);
  });
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => guardDownload(event, item, folder));
}
