/** Files and folders that the system gave to the desktop window, by its icon or a second start: waiting to be imported. */

class OpenedPaths {
  #paths = $state.raw<readonly string[]>([]);

  get waiting(): boolean {
    return this.#paths.length > 0;
  }

  put(paths: readonly string[]): void {
    this.#paths = [...this.#paths, ...paths];
  }

  /** Each is handed out once. */
  take(): readonly string[] {
    const paths = this.#paths;
    this.#paths = [];
    return paths;
  }
}

export const openedPaths = new OpenedPaths();
