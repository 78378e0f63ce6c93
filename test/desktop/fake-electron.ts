/** Electron as far as main/desktop uses it: records what it is told, and lets a test play the person and the system. */
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Listener = (...args: unknown[]) => unknown;

/** An event whose default can be prevented. */
export function preventable<T extends object>(details = {} as T) {
  const event = { defaultPrevented: false, preventDefault: () => {}, ...details };
  event.preventDefault = () => {
    event.defaultPrevented = true;
  };
  return event;
}

/** Every call of a function, and what it gives back. */
function recorded<Args extends unknown[], Result>(answer: (...args: Args) => Result) {
  const calls: Args[] = [];
  const record = (...args: Args): Result => {
    calls.push(args);
    return answer(...args);
  };
  return Object.assign(record, { calls });
}

class FakeApp extends EventEmitter {
  /** Names of calls in their order, for what must come before what. */
  readonly order: string[] = [];
  hasLock = true;
  ready = Promise.withResolvers<void>();
  isReadyNow = false;
  folder = '/app';
  data = join(tmpdir(), 'dept-fake-electron');
  exitCode: number | undefined;
  hasQuit = false;

  setName = () => void this.order.push('setName');
  setAppUserModelId = () => {};
  requestSingleInstanceLock = () => this.hasLock;
  enableSandbox = () => void this.order.push('enableSandbox');
  getPath = (name: string) => join(this.data, name);
  getAppPath = () => this.folder;
  isReady = () => this.isReadyNow;
  whenReady = () => this.ready.promise;
  exit = (code: number) => {
    this.exitCode = code;
  };

  /** As Electron: first asks everybody, then closes the windows, each of which may refuse. */
  quit = () => {
    const event = preventable();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of BrowserWindow.all) window.close();
    this.hasQuit = BrowserWindow.all.length === 0;
  };

  becomeReady(): void {
    this.order.push('ready');
    this.isReadyNow = true;
    this.ready.resolve();
  }
}

export class FakePage extends EventEmitter {
  readonly mainFrame: { origin: string; url: string } = { origin: 'app://dept', url: 'app://dept/' };
  readonly sent: unknown[][] = [];
  readonly session = session.defaultSession;
  windowOpen: ((details: { url: string }) => { action: string }) | undefined;
  reloads = 0;
  wasCrashed = false;
  destroyed = false;
  send = (...message: unknown[]) => void this.sent.push(message);
  isDestroyed = () => this.destroyed;
  setWindowOpenHandler = (handler: FakePage['windowOpen']) => {
    this.windowOpen = handler;
  };
  reload = () => {
    this.reloads += 1;
    this.emit('reloaded');
  };
  forcefullyCrashRenderer = () => {
    this.wasCrashed = true;
  };
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = [];
  readonly webContents = new FakePage();
  readonly options: Record<string, unknown> & { webPreferences: Record<string, unknown> };
  readonly did: string[] = [];
  url: string | undefined;
  isShown = false;
  minimized = false;
  bounds = { x: 10, y: 20, width: 900, height: 700 };
  background: string | undefined;

  constructor(options: BrowserWindow['options']) {
    super();
    this.options = options;
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  loadURL = async (url: string) => {
    this.url = url;
  };
  show = () => {
    this.isShown = true;
    this.emit('show');
  };
  hide = () => {
    this.isShown = false;
  };
  focus = () => void this.did.push('focus');
  maximize = () => void this.did.push('maximize');
  restore = () => void this.did.push('restore');
  isMinimized = () => this.minimized;
  isMaximized = () => false;
  getNormalBounds = () => this.bounds;
  setBackgroundColor = (color: string) => {
    this.background = color;
  };
  close = () => {
    const event = preventable();
    this.emit('close', event);
    if (event.defaultPrevented) return;
    BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this);
    this.webContents.destroyed = true;
    this.webContents.emit('destroyed');
    this.emit('closed');
  };
}

class FakeSession extends EventEmitter {
  permissionRequest:
    | ((page: unknown, permission: string, answer: (ok: boolean) => void, details: object) => void)
    | undefined;
  permissionCheck: ((page: unknown, permission: string, origin: string) => boolean) | undefined;
  device: (() => boolean) | undefined;
  setPermissionRequestHandler = (handler: FakeSession['permissionRequest']) => {
    this.permissionRequest = handler;
  };
  setPermissionCheckHandler = (handler: FakeSession['permissionCheck']) => {
    this.permissionCheck = handler;
  };
  setDevicePermissionHandler = (handler: FakeSession['device']) => {
    this.device = handler;
  };
}

class FakeIpcMain extends EventEmitter {
  readonly handlers = new Map<string, Listener>();
  handle = (channel: string, handler: Listener) => void this.handlers.set(channel, handler);
}

export class FakeChild extends EventEmitter {
  pid: number | undefined;
  readonly stdout = new FakeStream();
  readonly stderr = new FakeStream();
  readonly posted: unknown[] = [];
  readonly path: string;
  readonly args: readonly string[];
  readonly options: Record<string, unknown>;
  constructor(path: string, args: readonly string[], options: Record<string, unknown>) {
    super();
    this.path = path;
    this.args = args;
    this.options = options;
  }
  postMessage = (message: unknown): void => {
    this.posted.push(message);
  };
  /** As Electron: nothing before the process is there, and then an end like any other. */
  kill = () => {
    if (this.pid === undefined) return false;
    this.end(0);
    return true;
  };
  spawn(pid: number): void {
    this.pid = pid;
    this.emit('spawn');
  }
  end(code: number): void {
    this.pid = undefined;
    setImmediate(() => this.emit('exit', code));
  }
}

class FakeStream extends EventEmitter {
  setEncoding = () => this;
}

class FakeTheme extends EventEmitter {
  themeSource = 'system';
  shouldUseDarkColors = false;
}

/** Buttons to press, in order; without one the dialog stays open. */
export const presses: number[] = [];
/** Paths to choose, in order; an empty list leaves the dialog. */
export const choices: string[][] = [];

export const app = new FakeApp();
export const session = { defaultSession: new FakeSession() };
export const ipcMain = new FakeIpcMain();
export const nativeTheme = new FakeTheme();
export const protocol = {
  schemes: [] as { scheme: string; privileges: Record<string, boolean> }[],
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  registerSchemesAsPrivileged: (schemes: { scheme: string; privileges: Record<string, boolean> }[]) => {
    app.order.push('registerSchemesAsPrivileged');
    protocol.schemes.push(...schemes);
  },
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
    void protocol.handlers.set(scheme, handler),
};
export const screen = {
  displays: [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
  getPrimaryDisplay: () => screen.displays[0]!,
  getAllDisplays: () => screen.displays,
};
export const shell = {
  openExternal: recorded(async (_address: string) => {}),
  openPath: recorded(async (_path: string) => ''),
};
/** A message box as it was shown, whether on a window or not. */
export const dialog = {
  boxes: [] as { message: string; detail?: string; buttons?: string[]; signal?: AbortSignal }[],
  opened: [] as Record<string, unknown>[],
  errors: [] as string[][],
  showMessageBox: (...args: unknown[]) => {
    const box = args.at(-1) as (typeof dialog.boxes)[number];
    dialog.boxes.push(box);
    const response = presses.shift();
    return response === undefined ? new Promise(() => {}) : Promise.resolve({ response, checkboxChecked: false });
  },
  showOpenDialog: async (...args: unknown[]) => {
    dialog.opened.push(args.at(-1) as Record<string, unknown>);
    const filePaths = choices.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
  showErrorBox: (...words: string[]) => void dialog.errors.push(words),
};
export const clipboard = { writeText: recorded(async (_text: string) => {}) };
export const crashReporter = { start: recorded((_options: Record<string, unknown>) => {}) };
export const net = {
  fetch: recorded(async (_address: string, _options?: object): Promise<Response> => new Response('{}')),
};
export interface FakeItem {
  label?: string;
  role?: string;
  accelerator?: string;
  enabled?: boolean;
  checked?: boolean;
  submenu?: FakeItem[];
  click?: (item: { checked: boolean }) => void;
}
export const Menu = {
  current: [] as FakeItem[],
  buildFromTemplate: (template: FakeItem[]) => template,
  setApplicationMenu: (menu: FakeItem[]) => {
    Menu.current = menu;
  },
};
export const utilityProcess = {
  children: [] as FakeChild[],
  /** What the trial of sharp's native build ends with; undefined: it hangs. */
  trialCode: 0 as number | undefined,
  fork: (path: string, args: string[], options: Record<string, unknown>) => {
    const child = new FakeChild(path, args, options);
    utilityProcess.children.push(child);
    const { trialCode } = utilityProcess;
    if (path.endsWith('picture-trial.js') && trialCode !== undefined) child.end(trialCode);
    return child;
  },
};

export const exposed: Record<string, unknown> = {};
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => {
    exposed[name] = value;
  },
};
export const ipcRenderer = Object.assign(new EventEmitter(), {
  send: recorded((..._message: unknown[]) => {}),
  invoke: recorded(async (..._message: unknown[]): Promise<unknown> => []),
});
export const webUtils = { getPathForFile: recorded((file: File) => `/dropped/${file.name}`) };
