/** `dept devices`: what graphs can be computed on here, each tried in a process of its own. */
import type { Command } from 'commander';
import type { Act } from '../context.ts';
import { table } from '../table.ts';

export function addDevices(program: Command, act: Act): void {
  program
    .command('devices')
    .description('try the devices that a run can compute on: cpu, cuda, dml, coreml, webgpu')
    .action(
      act(async ({ trial, signal }) => {
        const { probeDevices } = await import('../../../engine/service/devices.ts');
        const states = await probeDevices(trial, signal);
        const rows = states.map(({ device, available, difference, reason, remedy }) => [
          device,
          available ? 'ready' : 'not available',
          available ? `differs from the CPU by ${difference!.toExponential(1)}` : `${reason}\n    ${remedy}`,
        ]);
        return { value: { devices: states }, text: table(['device', 'state', 'trial'], rows) };
      }),
    );
}
