/** Looking for a newer version: only when asked, or at each start where a person switched that on; downloads are up to them. */
import { type BrowserWindow, net, shell } from 'electron';
import { toErrorRecord } from '../../engine/contract/errors.ts';
import { askPerson } from './message-box.ts';
import { APP_NAME, APP_VERSION, type ProjectPlace } from './project.ts';
import { fetchNewestRelease, isNewer, type Release } from './release-feed.ts';

export interface UpdateOptions {
  readonly place: ProjectPlace;
  readonly window: () => BrowserWindow | undefined;
  readonly log: (text: string) => void;
}

function newestRelease(place: ProjectPlace): Promise<Release> {
  return fetchNewestRelease(place, (address, options) => net.fetch(String(address), options));
}

async function offer({ version, page }: Release, window: BrowserWindow | undefined): Promise<void> {
  const response = await askPerson(window, {
    type: 'info',
    message: `Version ${version} is there`,
    detail: `This is ${APP_VERSION}. The download page opens in your browser; nothing is installed by itself.`,
    buttons: ['Open download page', 'Not now'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0) await shell.openExternal(page);
}

/** From the menu: asks before it looks, and tells what came of it. */
export async function checkForUpdates({ place, window, log }: UpdateOptions): Promise<void> {
  const go = await askPerson(window(), {
    type: 'question',
    message: 'Look for a newer version?',
    detail: `${APP_NAME} asks ${new URL(place.feed).host} for the project's newest release. Nothing about you or your work is sent.`,
    buttons: ['Look', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
  });
  if (go !== 0) return;
  try {
    const release = await newestRelease(place);
    if (isNewer(release.version, APP_VERSION)) await offer(release, window());
    else
      await askPerson(window(), {
        type: 'info',
        message: 'This is the newest version',
        detail: APP_VERSION,
        buttons: ['OK'],
      });
  } catch (error) {
    const { message, got } = toErrorRecord(error);
    log(`update check: ${message}${got === undefined ? '' : ` (${got})`}`);
    await askPerson(window(), {
      type: 'warning',
      message,
      detail: 'Try again later, or look at the project page.',
      buttons: ['OK'],
    });
  }
}

/** At the start: says something only where there is something newer. */
export async function checkQuietly({ place, window, log }: UpdateOptions): Promise<void> {
  try {
    const release = await newestRelease(place);
    if (isNewer(release.version, APP_VERSION)) await offer(release, window());
  } catch (error) {
    log(`update check: ${toErrorRecord(error).message}`);
  }
}
