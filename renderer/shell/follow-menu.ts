/** Carries out what the desktop window asks of the page: commands of its menu, paths that it was opened with. */
import type { DesktopCommand } from '../../engine/contract/desktop-bridge.ts';
import { desktop } from '../bridge.ts';
import { openedPaths } from '../state/opened-paths.svelte.ts';
import { router } from '../state/router.svelte.ts';
import { destinations } from './destinations.ts';

function importDataset(): void {
  router.go('datasets', {}, { import: 'new' });
}

async function takeOpenedPaths(): Promise<void> {
  openedPaths.put((await desktop?.takeOpenedPaths()) ?? []);
  if (openedPaths.waiting) importDataset();
}

/** To be called once, while the app is set up. */
export function followMenu(listShortcuts: () => void): void {
  void takeOpenedPaths();
  desktop?.onCommand((command: DesktopCommand) => {
    const destination = destinations.find(({ route }) => command === `go-${route}`);
    if (destination !== undefined) router.go(destination.route);
    else if (command === 'import-dataset') importDataset();
    else if (command === 'add-model') router.go('models', {}, { add: '1' });
    else if (command === 'show-shortcuts') listShortcuts();
    else if (command === 'open-paths') void takeOpenedPaths();
  });
}
