/** The native menu: what it has on each system, and what its items do. */
import { expect, test } from 'vitest';
import { desktopViews } from '../../engine/contract/desktop-bridge.ts';
import { type MenuActions, type MenuState, menuTemplate } from '../../main/desktop/menu.ts';
import type { FakeItem } from './fake-electron.ts';

const state: MenuState = { platform: 'linux', theme: 'light', checkForUpdates: false, hasPlace: true };

function build(changes: Partial<MenuState> = {}) {
  const did: string[] = [];
  const actions: MenuActions = {
    command: (command) => did.push(command),
    setTheme: (theme) => did.push(`theme ${theme}`),
    setCheckForUpdates: (on) => did.push(`at start ${on}`),
    checkForUpdates: () => did.push('check'),
    showDocumentation: () => did.push('documentation'),
    showLogs: () => did.push('logs'),
    showAbout: () => did.push('about'),
  };
  const menu = menuTemplate({ ...state, ...changes }, actions) as FakeItem[];
  const flat = (items: readonly FakeItem[]): FakeItem[] => items.flatMap((one) => [one, ...flat(one.submenu ?? [])]);
  return { menu, items: flat(menu), did };
}

test('every item without a role does one thing', () => {
  const { items, did } = build();
  const own = items.filter(({ click }) => click !== undefined);
  for (const { click } of own) click!({ checked: true });
  expect(did).toEqual([
    'import-dataset',
    'add-model',
    'theme system',
    'theme light',
    'theme dark',
    ...desktopViews.map((view) => `go-${view}`),
    'show-shortcuts',
    'documentation',
    'logs',
    'check',
    'at start true',
    'about',
  ]);
});

test('each shortcut stands for one item', () => {
  const keys = build().items.flatMap(({ accelerator }) => accelerator ?? []);
  expect(keys.length).toBe(desktopViews.length + 3);
  expect(new Set(keys).size).toBe(keys.length);
});

test('the standard roles of editing and viewing are there', () => {
  const roles = build().items.flatMap(({ role }) => role ?? []);
  for (const role of [
    'close',
    'undo',
    'redo',
    'cut',
    'copy',
    'paste',
    'selectAll',
    'resetZoom',
    'zoomIn',
    'zoomOut',
    'reload',
    'togglefullscreen',
    'quit',
  ]) {
    expect(roles).toContain(role);
  }
  expect(roles).not.toContain('toggleDevTools');
});

test('macOS has the menu with the name of the app, and quits from there', () => {
  const { menu } = build({ platform: 'darwin' });
  expect(menu[0]!.label).toBe('DePT Studio');
  expect(menu[0]!.submenu!.map(({ role }) => role)).toContain('quit');
  expect(menu[1]!.submenu!.map(({ role }) => role)).not.toContain('quit');
});

test('the theme and the check at each start show what is set', () => {
  const marked = build({ theme: 'dark', checkForUpdates: true }).items.filter(({ checked }) => checked);
  expect(marked.map(({ label }) => label)).toEqual(['Dark', 'Check for updates at each start']);
});

test('without a page of the project there is nothing to look for', () => {
  const off = build({ hasPlace: false }).items.filter(({ enabled }) => enabled === false);
  expect(off.map(({ label }) => label)).toEqual([
    'Documentation',
    'Check for updates…',
    'Check for updates at each start',
  ]);
});
