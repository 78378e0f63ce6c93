/** The program and its machine in lines. Pure. */
import type { AppInfo } from '../../../engine/contract/app.ts';
import { bytes, count } from '../../lib/formats.ts';

export function factsOf(info: AppInfo): { label: string; value: string }[] {
  const { version, versions, face, platform, processor, cores, memory } = info;
  return [
    { label: 'DePT Studio', value: version },
    ...Object.entries(versions).map(([label, value]) => ({ label, value })),
    { label: 'Shown in', value: face === 'desktop' ? 'its own window' : 'a browser' },
    { label: 'System', value: platform },
    { label: 'Processor', value: `${processor}, ${count(cores)} cores` },
    { label: 'Memory', value: bytes(memory) },
  ];
}
