/** Devices as people know them. */
import type { Settings } from '../../../engine/contract/app.ts';

export const deviceNames: Readonly<Record<Settings['device'], string>> = {
  auto: 'Automatic',
  cpu: 'CPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
  webgpu: 'WebGPU',
};
