/** The entry of Electron's main process. */
import { startDesktop } from './start.ts';

void startDesktop();
