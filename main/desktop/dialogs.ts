/** The system's dialogs for files and folders; each kind opens where it was left. */
import { dirname } from 'node:path';
import { app, type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { PathChoice } from '../../engine/contract/desktop-bridge.ts';
import type { DesktopStateFile } from './desktop-state.ts';
import { askPerson } from './message-box.ts';

const pictureFilter = {
  name: 'Pictures',
  extensions: ['jpg', 'jpeg', 'png', 'webp', 'gif', 'bmp', 'tif', 'tiff', 'avif'],
};
const annotationFilter = { name: 'Annotations', extensions: ['json', 'jsonl', 'csv', 'tsv'] };

/** Dialogs choose folders or files; only that of macOS does both at once. */
async function importProperties(window: BrowserWindow | undefined): Promise<OpenDialogOptions | null> {
  if (process.platform === 'darwin') return { properties: ['openFile', 'openDirectory', 'multiSelections'] };
  const response = await askPerson(window, {
    type: 'question',
    message: 'What does the dataset consist of?',
    detail: 'A folder with its annotations and pictures, or annotation files that say where the pictures are',
    buttons: ['A folder…', 'Files…', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  if (response === 0) return { properties: ['openDirectory', 'multiSelections'] };
  if (response === 1) return { properties: ['openFile', 'multiSelections'], filters: [annotationFilter] };
  return null;
}

export class PathDialogs {
  readonly #state: DesktopStateFile;
  readonly #window: () => BrowserWindow | undefined;

  constructor(state: DesktopStateFile, window: () => BrowserWindow | undefined) {
    this.#state = state;
    this.#window = window;
  }

  /** Absolute paths, none where the dialog was left. */
  async choosePaths({ kind, title }: PathChoice): Promise<readonly string[]> {
    const options = await this.#optionsFor(kind);
    return options === null ? [] : this.#ask(kind, { title, ...options });
  }

  async chooseHome(): Promise<string | null> {
    const properties: OpenDialogOptions['properties'] = ['openDirectory', 'createDirectory', 'promptToCreate'];
    const [home] = await this.#ask('home', { title: 'Choose the home folder', properties });
    return home ?? null;
  }

  /** The folder that a dialog of this kind opens. */
  folderFor(kind: string): string {
    return this.#state.current.folders[kind] ?? app.getPath('documents');
  }

  rememberFolder(kind: string, folder: string): void {
    this.#state.update({ folders: { ...this.#state.current.folders, [kind]: folder } });
  }

  async #optionsFor(kind: PathChoice['kind']): Promise<OpenDialogOptions | null> {
    switch (kind) {
      case 'import':
        return importProperties(this.#window());
      case 'model':
        return { properties: ['openDirectory'] };
      case 'pictures':
        return { properties: ['openFile', 'multiSelections'], filters: [pictureFilter] };
    }
  }

  async #ask(kind: string, options: OpenDialogOptions): Promise<readonly string[]> {
    const window = this.#window();
    const all = { defaultPath: this.folderFor(kind), ...options };
    const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, all) : dialog.showOpenDialog(all));
    if (canceled || filePaths.length === 0) return [];
    this.rememberFolder(kind, dirname(filePaths[0]!));
    return filePaths;
  }
}
