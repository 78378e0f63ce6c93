/** Where an engine process under Node begins. */
import { forkTrial } from './host/fork-trial.ts';
import { parentPort } from './host/process-ports.ts';
import { runEngine } from './host/run-engine.ts';

runEngine(parentPort(), forkTrial);
