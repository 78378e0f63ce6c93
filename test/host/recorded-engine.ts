/** Engine processes of a host under test, by lane, so that a test can look at them and kill them. */
import type { EngineProcess, SpawnEngine } from '../../main/host/engine-process.ts';
import { forkEngine } from '../../main/host/fork-engine.ts';

export function recordedEngine(): { spawn: SpawnEngine; processes: ReadonlyMap<string, EngineProcess> } {
  const fork = forkEngine(() => {});
  const processes = new Map<string, EngineProcess>();
  const spawn: SpawnEngine = (lane, home) => {
    const process = fork(lane, home);
    processes.set(lane, process);
    return process;
  };
  return { spawn, processes };
}
