/** The system's message box, on the window where there is one. */
import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';

/** Resolves to the place of the button that was pressed. */
export async function askPerson(window: BrowserWindow | undefined, options: MessageBoxOptions): Promise<number> {
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
  return response;
}
