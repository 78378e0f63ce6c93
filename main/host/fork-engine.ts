/** Engine processes as children of this one, under Node: for `dept serve`. */
import { entryFile, forkChild } from './fork-child.ts';
import { environmentOf, type SpawnEngine } from './own-process.ts';

export function forkEngine(log: (text: string) => void, environment = process.env): SpawnEngine {
  return (lane, home) => forkChild(entryFile('engine-process'), [home, lane], log, environmentOf(lane, environment));
}
