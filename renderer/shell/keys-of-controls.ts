/** Keys that controls answer to wherever they stand, for the list of shortcuts; what every browser does by itself is left out. */
import type { Shortcut } from '../state/shortcuts.svelte.ts';

const inLists = 'In grids, menus, tabs and words';
const inFields = 'In fields and dialogs';

export const keysOfControls: readonly Pick<Shortcut, 'keys' | 'label' | 'group'>[] = [
  { keys: 'ArrowRight', label: 'Next one; the other arrows likewise', group: inLists },
  { keys: 'Home', label: 'First one, or first of the row', group: inLists },
  { keys: 'End', label: 'Last one, or last of the row', group: inLists },
  { keys: 'Ctrl+End', label: 'Last of a whole grid', group: inLists },
  { keys: 'PageDown', label: 'A page further in a grid', group: inLists },
  { keys: 'Enter', label: 'Open or choose it', group: inLists },
  { keys: 'ArrowUp', label: 'More, in a field with a number', group: inFields },
  { keys: 'Shift+ArrowUp', label: 'Ten times more', group: inFields },
  { keys: 'ArrowLeft', label: 'Wider, on the bar beside a picture', group: inFields },
  { keys: 'Backspace', label: 'One folder up, in a list of files', group: inFields },
  { keys: 'Ctrl+Enter', label: 'Save a note', group: inFields },
  { keys: 'Escape', label: 'Close a dialog, menu or box', group: inFields },
];
