/** About: what this is and of what versions it is made, ready to be copied into a report. */
import { type BrowserWindow, clipboard } from 'electron';
import { askPerson } from './message-box.ts';
import { APP_NAME, APP_VERSION, ONNX_RUNTIME_VERSION } from './project.ts';

/** Name and version of each part, the app first. */
export function versionLines(): readonly string[] {
  return [
    `${APP_NAME} ${APP_VERSION}`,
    `Electron ${process.versions.electron}`,
    `Chromium ${process.versions.chrome}`,
    `Node ${process.versions.node}`,
    `ONNX Runtime ${ONNX_RUNTIME_VERSION}`,
    `${process.platform} ${process.arch}`,
  ];
}

export async function showAbout(window: BrowserWindow | undefined): Promise<void> {
  const [title, ...parts] = versionLines();
  const response = await askPerson(window, {
    type: 'info',
    message: title!,
    detail: ['Decomposed Prompt Tuning for vision-language tasks', '', ...parts].join('\n'),
    buttons: ['OK', 'Copy'],
    defaultId: 0,
    cancelId: 0,
  });
  if (response === 1) await clipboard.writeText(versionLines().join('\n'));
}
