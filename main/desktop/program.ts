/** The program once Electron is ready: the host, its one window, and the menu that acts on both. */
import { join } from 'node:path';
import { app, Menu, nativeTheme, session, shell } from 'electron';
import type { Settings } from '../../engine/contract/app.ts';
import type { DesktopCommand } from '../../engine/contract/desktop-bridge.ts';
import { toErrorRecord } from '../../engine/contract/errors.ts';
import type { AppEvent } from '../../engine/contract/events.ts';
import { readSettings } from '../../engine/service/settings.ts';
import { EngineHost } from '../host/engine-host.ts';
import { type HomeChoice, rememberHome } from '../host/home.ts';
import { createRoutes } from '../host/routes.ts';
import { showAbout } from './about.ts';
import { type BuiltFiles, builtFiles } from './built-files.ts';
import { channels } from './channels.ts';
import { DesktopStateFile } from './desktop-state.ts';
import { PathDialogs } from './dialogs.ts';
import { type Log, watchPage } from './failures.ts';
import { listenToPage } from './ipc.ts';
import { type MenuActions, menuTemplate } from './menu.ts';
import type { OpenedPaths } from './opened-paths.ts';
import { connectOwnClient, type OwnClient } from './own-client.ts';
import { servePage } from './page-scheme.ts';
import { needsWasmPictures } from './picture-check.ts';
import { projectPlace } from './project.ts';
import { Quitting } from './quitting.ts';
import { confineSession } from './security.ts';
import { checkForUpdates, checkQuietly, type UpdateOptions } from './update-check.ts';
import { utilityEngine } from './utility-engine.ts';
import { utilityTrial } from './utility-trial.ts';
import { openWindow, type PageWindow, showWindow } from './window.ts';

export interface ProgramOptions {
  readonly home: HomeChoice;
  readonly opened: OpenedPaths;
  /** The folder of the logs. */
  readonly logs: string;
  readonly log: Log;
}

export class DesktopProgram {
  readonly #options: ProgramOptions;
  readonly #files: BuiltFiles;
  readonly #state: DesktopStateFile;
  readonly #host: EngineHost;
  readonly #quitting: Quitting;
  readonly #dialogs: PathDialogs;
  readonly #client: OwnClient;
  readonly #updates: UpdateOptions | undefined;
  #main: PageWindow | undefined;

  /** Finds out what this machine can do, then shows the window. */
  static async open(options: ProgramOptions): Promise<DesktopProgram> {
    const files = builtFiles(app.getAppPath());
    const wasmPictures = await needsWasmPictures(files.pictureTrial, options.log);
    const program = new DesktopProgram(options, files, wasmPictures);
    program.#begin();
    return program;
  }

  private constructor(options: ProgramOptions, files: BuiltFiles, wasmPictures: boolean) {
    const { home, log } = options;
    const logMain = (text: string): void => log('main', text);
    const window = () => this.#main?.window;
    const trial = utilityTrial({ entry: files.deviceTrial, log });
    this.#options = options;
    this.#files = files;
    this.#state = new DesktopStateFile(join(app.getPath('userData'), 'desktop.json'), logMain);
    this.#host = new EngineHost({
      home: home.home,
      homeFixedBy: home.fixedBy,
      rememberHome,
      tell: logMain,
      spawn: utilityEngine({ entry: files.engine, wasmPictures, trial, log }),
      face: 'desktop',
      versions: { Electron: process.versions.electron!, Chromium: process.versions.chrome! },
    });
    this.#quitting = new Quitting({ host: this.#host, window, log: logMain, platform: process.platform });
    this.#dialogs = new PathDialogs(this.#state, window);
    this.#updates = projectPlace && { place: projectPlace, window, log: logMain };
    this.#client = connectOwnClient(
      (port) => this.#host.connect(port),
      (event) => this.#hear(event),
    );
  }

  /** Asks the page for something, in a window that is there to be seen. */
  command(name: DesktopCommand): void {
    this.show();
    this.#main?.window.webContents.send(channels.command, name);
  }

  /** Brings the window before the person, opens it where there is none. */
  show(): void {
    if (this.#main === undefined) this.#openWindow();
    else showWindow(this.#main.window);
  }

  #begin(): void {
    const { log, opened } = this.#options;
    servePage(createRoutes({ host: this.#host, rendererFolder: this.#files.renderer }));
    confineSession(session.defaultSession, {
      get: () => this.#dialogs.folderFor('export'),
      set: (folder) => this.#dialogs.rememberFolder('export', folder),
    });
    listenToPage({
      page: () => this.#main && { contents: this.#main.window.webContents, connections: this.#main.connections },
      choosePaths: (choice) => this.#dialogs.choosePaths(choice),
      chooseHome: () => this.#dialogs.chooseHome(),
      takeOpenedPaths: () => opened.take(),
      log: (text) => log('page', text),
    });
    this.#applyTheme(this.#firstTheme());
    this.#openWindow();
    app.on('activate', () => this.show());
    this.#host.prepare();
    if (this.#updates !== undefined && this.#state.current.checkForUpdates) void checkQuietly(this.#updates);
  }

  #openWindow(): void {
    const connect = this.#host.connect.bind(this.#host);
    const main = openWindow({ state: this.#state, preload: this.#files.preload, connect });
    this.#main = main;
    this.#quitting.watch(main.window);
    watchPage(main.window, this.#options.log);
    main.window.once('closed', () => {
      this.#main = undefined;
    });
  }

  #hear(event: AppEvent): void {
    if (event.type === 'settings') this.#applyTheme(event.settings.theme);
    if (event.type === 'job') this.#quitting.jobsChanged();
  }

  /** Settings that cannot be read are the page's to tell, when it asks for them. */
  #firstTheme(): Settings['theme'] {
    try {
      return readSettings(this.#host.home).theme;
    } catch (error) {
      this.#options.log('main', `settings: ${toErrorRecord(error).message}`);
      return 'system';
    }
  }

  #applyTheme(theme: Settings['theme']): void {
    nativeTheme.themeSource = theme;
    const state = {
      platform: process.platform,
      theme,
      checkForUpdates: this.#state.current.checkForUpdates,
      hasPlace: this.#updates !== undefined,
    };
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(state, this.#menuActions())));
  }

  #menuActions(): MenuActions {
    const { logs } = this.#options;
    const updates = this.#updates;
    return {
      command: (name) => this.command(name),
      setTheme: (theme) => void this.#client.call('settings.set', { theme }),
      setCheckForUpdates: (on) => this.#state.update({ checkForUpdates: on }),
      checkForUpdates: () => void (updates && checkForUpdates(updates)),
      showDocumentation: () => void (updates && shell.openExternal(`${updates.place.page}#readme`)),
      showLogs: () => void shell.openPath(logs),
      showAbout: () => void showAbout(this.#main?.window),
    };
  }
}
