/** Files and folders that a person dropped, pasted or chose, with their paths inside what was dropped. */

export interface DroppedFile {
  /** From the dropped folder's own name on, with `/`: `my-pictures/train/1.jpg`. A file alone is its name. */
  readonly path: string;
  readonly file: File;
}

export interface Drop {
  /** What was dropped itself, files and folders: the desktop window can ask for their places on the disk. */
  readonly roots: readonly File[];
  /** Walks through folders and gives all files; needed only where their places on the disk are not known. */
  files(): Promise<DroppedFile[]>;
}

/** To be called while the event is handled: afterwards the browser has forgotten. */
export function readTransfer(transfer: DataTransfer): Drop {
  const roots = [...transfer.files];
  const entries = [...transfer.items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  return {
    roots,
    files: async () => {
      // Pictures copied from a page or an editor are files without an entry.
      if (entries.length === 0) return roots.map((file) => ({ path: file.name, file }));
      return (await Promise.all(entries.map(walk))).flat();
    },
  };
}

/** Files from an `<input type="file">`, also one that takes folders. */
export function readChosen(files: Iterable<File>): Drop {
  const roots = [...files];
  return {
    roots,
    files: async () => roots.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  };
}

async function walk(entry: FileSystemEntry): Promise<DroppedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: DroppedFile[] = [];
  // A reader gives up to a hundred entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await walk(inner)));
  }
}
