/** The one window: how it is made, where it stands, and its page's connection to the host. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Port } from '../../engine/contract/port.ts';
import type { DesktopStateFile } from './desktop-state.ts';
import { PageConnections } from './page-port.ts';
import { PAGE_URL } from './page-scheme.ts';
import { placeWindow, SMALLEST } from './window-place.ts';

/** The page's own backgrounds (`--bg` in its tokens.css), so that nothing flashes before it is drawn. */
export const backgrounds = { light: '#f4f6f6', dark: '#0f1415' } as const;

export interface PageWindow {
  readonly window: BrowserWindow;
  readonly connections: PageConnections;
}

export interface WindowOptions {
  readonly state: DesktopStateFile;
  readonly preload: string;
  /** Gives a page access to the contract. */
  readonly connect: (port: Port) => void;
}

function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light;
}

function rememberPlace(window: BrowserWindow, state: DesktopStateFile): void {
  window.on('close', () => {
    state.update({ window: { bounds: window.getNormalBounds(), maximized: window.isMaximized() } });
  });
}

/** Opens the window; it shows itself once its page is drawn. */
export function openWindow({ state, preload, connect }: WindowOptions): PageWindow {
  const saved = state.current.window;
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const areas = [primary, ...others].map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeWindow(saved, areas),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'DePT Studio',
    backgroundColor: backgroundColor(),
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false, // its dictionaries would be downloaded
    },
  });
  const connections = new PageConnections(window.webContents, connect);
  const followTheme = (): void => window.setBackgroundColor(backgroundColor());
  nativeTheme.on('updated', followTheme);
  window.once('closed', () => nativeTheme.off('updated', followTheme));
  window.once('ready-to-show', () => {
    if (saved?.maximized) window.maximize();
    window.show();
  });
  rememberPlace(window, state);
  void window.loadURL(PAGE_URL);
  return { window, connections };
}

/** Brings the window before the person, wherever it was. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
