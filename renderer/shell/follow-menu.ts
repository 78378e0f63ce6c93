/** Carries out what the native menu of the desktop window asks of the page. */
import { desktop } from '../bridge.ts';
import { router } from '../state/router.svelte.ts';
import { destinations } from './destinations.ts';

/** To be called once, while the app is set up. */
export function followMenu(listShortcuts: () => void): void {
  desktop?.onCommand((command) => {
    const destination = destinations.find(({ route }) => command === `go:${route}`);
    if (destination !== undefined) router.go(destination.route);
    else if (command === 'import-dataset') router.go('datasets', {}, { import: '1' });
    else if (command === 'add-model') router.go('models', {}, { add: '1' });
    else if (command === 'show-shortcuts') listShortcuts();
  });
}
