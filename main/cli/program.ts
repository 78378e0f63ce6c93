/** The program: its commands, and the way from arguments to an exit code. */
import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addAdapters, addImportAdapter } from './commands/adapters.ts';
import { addBench } from './commands/bench.ts';
import { addData } from './commands/data.ts';
import { addDemo } from './commands/demo.ts';
import { addDevices } from './commands/devices.ts';
import { addEval } from './commands/eval.ts';
import { addExport } from './commands/export.ts';
import { addFeatures } from './commands/features.ts';
import { addAsk, addCaption } from './commands/generate.ts';
import { addModels } from './commands/models.ts';
import { addReport } from './commands/report.ts';
import { addRuns } from './commands/runs.ts';
import { addScore } from './commands/score.ts';
import { addServe } from './commands/serve.ts';
import { addResume, addTrain } from './commands/train.ts';
import { actOn } from './context.ts';
import { type ExitCode, failureOf, tellFailure } from './failures.ts';
import type { Host } from './host.ts';

/** In the order of `dept --help`. */
const commands = [
  addDemo,
  addModels,
  addData,
  addFeatures,
  addTrain,
  addResume,
  addRuns,
  addEval,
  addReport,
  addCaption,
  addAsk,
  addExport,
  addImportAdapter,
  addAdapters,
  addScore,
  addBench,
  addDevices,
  addServe,
];

function buildProgram(host: Host, json: boolean): Command {
  const program = new Command('dept')
    .description('Decomposed Prompt Tuning (DePT) for vision-language tasks')
    .version(manifest.version)
    .option('--json', 'print one JSON document on stdout; progress stays on stderr')
    .option('--home <folder>', 'folder for models, datasets, features and runs (or DEPT_HOME)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => json || host.stderr.write(text),
    })
    .showHelpAfterError('(add --help to see what is possible)')
    .exitOverride();
  for (const add of commands) add(program, actOn(host));
  return program;
}

/** Runs one command line, without the names of node and script, to its exit code. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const json = args.includes('--json');
  try {
    await buildProgram(host, json).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) return 0;
    tellFailure(failure, json, host);
    return failure.exitCode;
  }
}
