/** What the desktop window offers a page beside the calls: native dialogs, the menu's commands, the places of dropped files. */

/** The views that the Go menu leads to, in its order. */
export const desktopViews = [
  'home',
  'datasets',
  'models',
  'train',
  'runs',
  'compare',
  'evaluate',
  'playground',
  'settings',
] as const;
export type ViewName = (typeof desktopViews)[number];

/** What the menu asks of the page. `open-paths`: there is something to take with `takeOpenedPaths`. */
export type DesktopCommand = `go-${ViewName}` | 'import-dataset' | 'add-model' | 'show-shortcuts' | 'open-paths';

/** What a file dialog is for; it decides what can be chosen, and where the dialog opens. */
export const pathKinds = ['import', 'model', 'pictures'] as const;

export interface PathChoice {
  readonly kind: (typeof pathKinds)[number];
  /** Of the dialog. */
  readonly title: string;
}

/** `window.deptDesktop` in the page. */
export interface DesktopBridge {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly versions: { readonly electron: string; readonly chromium: string; readonly node: string };
  /** Sends a message of the contract. */
  post(message: unknown): void;
  /** One listener; messages from before it was set are kept for it. */
  onMessage(listener: (message: unknown) => void): void;
  /** One listener; commands from before it was set are kept for it. */
  onCommand(listener: (command: DesktopCommand) => void): void;
  /** Absolute paths; an empty list where the dialog was left. */
  choosePaths(choice: PathChoice): Promise<readonly string[]>;
  /** Where a dropped or chosen file or folder lies; empty for one that is on no disk. */
  pathOf(file: File): string;
  /** The folder that was chosen as home, null where the dialog was left. `app.setHome` then moves there. */
  chooseHome(): Promise<string | null>;
  /** Paths that were dropped on the program's icon or given to a second start; each is handed out once. */
  takeOpenedPaths(): Promise<readonly string[]>;
}
