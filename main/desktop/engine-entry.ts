/** Where an engine process of the desktop window begins: pictures first, then the engine that every face has. */
import { parentPort } from '../host/process-ports.ts';
import { hideNativeSharp } from './hide-native-sharp.ts';
import { bothWays, trialOver } from './trial-calls.ts';

if (process.argv.includes('wasm-pictures')) hideNativeSharp();
const { runEngine } = await import('../host/run-engine.ts');
const { answering, asking } = bothWays(parentPort());
runEngine(answering, trialOver(asking));
