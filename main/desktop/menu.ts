/** The native menu, as data: what it asks of the page are commands, what it does itself are actions. */
import type { MenuItemConstructorOptions } from 'electron';
import type { Settings } from '../../engine/contract/app.ts';
import { type DesktopCommand, desktopViews, type ViewName } from '../../engine/contract/desktop-bridge.ts';
import { APP_NAME } from './project.ts';

export interface MenuState {
  readonly platform: NodeJS.Platform;
  readonly theme: Settings['theme'];
  readonly checkForUpdates: boolean;
  /** Whether the project has a page on the web. */
  readonly hasPlace: boolean;
}

export interface MenuActions {
  readonly command: (command: DesktopCommand) => void;
  readonly setTheme: (theme: Settings['theme']) => void;
  readonly setCheckForUpdates: (on: boolean) => void;
  readonly checkForUpdates: () => void;
  readonly showDocumentation: () => void;
  readonly showLogs: () => void;
  readonly showAbout: () => void;
}

const viewLabels: Readonly<Record<ViewName, string>> = {
  home: 'Home',
  datasets: 'Datasets',
  models: 'Models',
  train: 'Train',
  runs: 'Runs',
  compare: 'Compare',
  evaluate: 'Evaluate',
  playground: 'Playground',
  settings: 'Settings',
};

const themeLabels: Readonly<Record<Settings['theme'], string>> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

const separator: MenuItemConstructorOptions = { type: 'separator' };

function fileMenu({ platform }: MenuState, { command }: MenuActions): MenuItemConstructorOptions {
  const quit: MenuItemConstructorOptions[] = platform === 'darwin' ? [] : [{ role: 'quit' }];
  return {
    label: '&File',
    submenu: [
      { label: 'Import dataset…', accelerator: 'CmdOrCtrl+O', click: () => command('import-dataset') },
      { label: 'Add model folder…', accelerator: 'CmdOrCtrl+Shift+O', click: () => command('add-model') },
      separator,
      { role: 'close' },
      ...quit,
    ],
  };
}

const editMenu: MenuItemConstructorOptions = {
  label: '&Edit',
  submenu: [
    { role: 'undo' },
    { role: 'redo' },
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'delete' },
    separator,
    { role: 'selectAll' },
  ],
};

function viewMenu({ theme }: MenuState, { setTheme }: MenuActions): MenuItemConstructorOptions {
  const themes = Object.entries(themeLabels) as [Settings['theme'], string][];
  return {
    label: '&View',
    submenu: [
      {
        label: 'Theme',
        submenu: themes.map(([name, label]) => ({
          label,
          type: 'radio',
          checked: name === theme,
          click: () => setTheme(name),
        })),
      },
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'reload' },
      { role: 'togglefullscreen' },
    ],
  };
}

function goMenu({ command }: MenuActions): MenuItemConstructorOptions {
  const items = desktopViews.map((view, index): MenuItemConstructorOptions => {
    const accelerator = view === 'settings' ? 'CmdOrCtrl+,' : `CmdOrCtrl+${index + 1}`;
    return { label: viewLabels[view], accelerator, click: () => command(`go-${view}`) };
  });
  return { label: '&Go', submenu: items };
}

function helpMenu({ checkForUpdates, hasPlace }: MenuState, actions: MenuActions): MenuItemConstructorOptions {
  return {
    label: '&Help',
    role: 'help',
    submenu: [
      { label: 'Keyboard shortcuts', accelerator: 'CmdOrCtrl+/', click: () => actions.command('show-shortcuts') },
      { label: 'Documentation', enabled: hasPlace, click: actions.showDocumentation },
      { label: 'Show logs', click: actions.showLogs },
      separator,
      { label: 'Check for updates…', enabled: hasPlace, click: actions.checkForUpdates },
      {
        label: 'Check for updates at each start',
        type: 'checkbox',
        enabled: hasPlace,
        checked: checkForUpdates,
        click: ({ checked }) => actions.setCheckForUpdates(checked),
      },
      separator,
      { label: `About ${APP_NAME}`, click: actions.showAbout },
    ],
  };
}

/** The application menu of macOS; there is none elsewhere. */
function appMenu({ platform }: MenuState, { showAbout }: MenuActions): MenuItemConstructorOptions[] {
  if (platform !== 'darwin') return [];
  const standard = ['services', 'hide', 'hideOthers', 'unhide', 'quit'] as const;
  return [
    {
      label: APP_NAME,
      submenu: [
        { label: `About ${APP_NAME}`, click: showAbout },
        separator,
        ...standard.map((role): MenuItemConstructorOptions => ({ role })),
      ],
    },
  ];
}

export function menuTemplate(state: MenuState, actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    ...appMenu(state, actions),
    fileMenu(state, actions),
    editMenu,
    viewMenu(state, actions),
    goMenu(actions),
    { role: 'windowMenu' },
    helpMenu(state, actions),
  ];
}
