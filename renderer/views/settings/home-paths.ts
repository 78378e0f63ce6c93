/** Where things lie in the home folder, as its machine writes paths. Pure. */
import type { AppInfo } from '../../../engine/contract/app.ts';

export function pathsIn({ home, platform }: Pick<AppInfo, 'home' | 'platform'>): { label: string; value: string }[] {
  const separator = platform.startsWith('win32') ? '\\' : '/';
  const inside = (...parts: string[]): string => [home.replace(/[\\/]+$/, ''), ...parts].join(separator);
  return [
    { label: 'Folder', value: home },
    { label: 'Runs', value: inside('runs') },
    { label: 'Log of a run', value: inside('runs', '<run>', 'log.jsonl') },
  ];
}
