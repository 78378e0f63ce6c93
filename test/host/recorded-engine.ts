/** Engine processes of a host under test, by lane, so that a test can look at them and kill them. */
import { forkEngine } from '../../main/host/fork-engine.ts';
import type { OwnProcess, SpawnEngine } from '../../main/host/own-process.ts';

export function recordedEngine(): { spawn: SpawnEngine; processes: ReadonlyMap<string, OwnProcess> } {
  const fork = forkEngine(() => {});
  const processes = new Map<string, OwnProcess>();
  const spawn: SpawnEngine = (lane, home) => {
    const process = fork(lane, home);
    processes.set(lane, process);
    return process;
  };
  return { spawn, processes };
}
