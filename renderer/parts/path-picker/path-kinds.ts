/** What a person is asked for: how it is said, and the desktop window's own dialog for it. */
import type { desktop } from '../../bridge.ts';

/** `dataset`: folders or annotation files, several; the others: one folder. */
export type PathKind = 'dataset' | 'pictures' | 'model' | 'home';

interface Words {
  readonly title: string;
  readonly choose: string;
}

export const pathWords: Readonly<Record<PathKind, Words>> = {
  dataset: { title: 'Choose a dataset', choose: 'Choose this folder' },
  pictures: { title: 'Choose the folder with the pictures', choose: 'Choose this folder' },
  model: { title: 'Choose the folder of a model', choose: 'Choose this folder' },
  home: { title: 'Choose the home folder', choose: 'Choose this folder' },
};

/** By the system's dialog; empty where it was left. Only in the desktop window. */
export async function chooseNatively(bridge: NonNullable<typeof desktop>, kind: PathKind): Promise<readonly string[]> {
  if (kind === 'home') {
    const home = await bridge.chooseHome();
    return home === null ? [] : [home];
  }
  // Pictures are chosen by their folder, and that of a model is the dialog for one folder.
  return bridge.choosePaths({ kind: kind === 'dataset' ? 'import' : 'model', title: pathWords[kind].title });
}
