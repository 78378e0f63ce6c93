/** Where the models that ship with the program lie. */
import { fileURLToPath } from 'node:url';

/** `assets/models` of this installation: one folder per model, laid out like the library's. */
export function bundledModelsFolder(): string {
  return fileURLToPath(new URL('../../assets/models', import.meta.url));
}
