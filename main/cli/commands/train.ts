/** `dept train` and `dept resume`: a preset, the config file over it, the flags over both, and `--set` over all. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { readJson } from '../../../engine/common/json.ts';
import { configLeaves } from '../../../engine/contract/config-differences.ts';
import { configFields } from '../../../engine/contract/config-fields.ts';
import { applySettings, type Fields, layOver, parseTrainConfig } from '../../../engine/contract/parse-config.ts';
import { type Preset, presets, solvedSettings } from '../../../engine/contract/presets.ts';
import { flagPaths, type TrainFlags } from '../../../engine/contract/train-command.ts';
import type { Task, TrainConfig } from '../../../engine/contract/train-config.ts';
import { collect } from '../arguments.ts';
import type { Act } from '../context.ts';
import { estimateReport } from '../estimate.ts';
import { trainHooks, trainReport } from '../training.ts';

interface TrainOptions extends TrainFlags {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
}

/** Any JSON object: what is in it is checked when it is complete. */
const configFile = z.looseObject({});

/** d of the language model that a config names; undefined where the preset solves nothing for it that would have the last word. */
async function widthFor(preset: Preset, chosen: Fields, home: string): Promise<number | undefined> {
  const leaves = (config: Fields): ReadonlyMap<string, unknown> => new Map(configLeaves(config));
  const [own, all] = [leaves(chosen), leaves(layOver({ ...presets[preset](taskOf(chosen)) }, chosen))];
  const isOpen = solvedSettings[preset].some((path) => all.has(path) && !own.has(path));
  const model = own.get('language.model');
  if (!isOpen || typeof model !== 'string') return undefined;
  const { showInLibrary } = await import('../../../engine/service/models.ts');
  return showInLibrary(home, model).width;
}

const taskOf = ({ task }: Fields): Task => (task === 'caption' ? 'caption' : 'vqa');

async function configOf({ preset, config, set = [], ...options }: TrainOptions, home: string): Promise<TrainConfig> {
  const flags = (Object.keys(flagPaths) as (keyof typeof flagPaths)[]).filter((flag) => options[flag] !== undefined);
  const settings = [...flags.map((flag) => `${flagPaths[flag]}=${options[flag]}`), ...set];
  const chosen = applySettings(config === undefined ? {} : readJson(config, configFile), settings);
  if (preset === undefined) return parseTrainConfig(chosen);
  const base = presets[preset](taskOf(chosen), await widthFor(preset, chosen, home));
  return parseTrainConfig(layOver({ ...base }, chosen));
}

/** Every field of the config with its type and default, for the help. */
function settingsHelp(): string {
  const lines = configFields().map(({ path, type, description, default: value, variant }) => {
    const only = variant === undefined || path.endsWith('.name') ? '' : ` [${variant}]`;
    const unless = value === undefined ? '' : `, default ${JSON.stringify(value)}`;
    return `  ${path}${only}: ${type}${unless}\n      ${description}`;
  });
  return `\nSettings for --set path=value, and fields of the config file:\n${lines.join('\n')}`;
}

export function addTrain(program: Command, act: Act): void {
  program
    .command('train')
    .description('train on an imported dataset; Ctrl-C saves and stops')
    .addOption(
      new Option('--preset <preset>', 'settings to start from: a quick look, the bundled models, the paper').choices(
        Object.keys(presets),
      ),
    )
    .option('--config <file>', 'JSON file with the settings below, as saved in every run')
    .option('--dataset <name>', 'imported dataset')
    .option('--task <task>', 'vqa or caption')
    .option('--vision <model>', 'CLIP model of the library')
    .option('--language <model>', 'T5 model of the library')
    .option('--method <method>', 'dept or prompt-tuning')
    .option('--device <device>', 'cpu, auto, or another one of `dept devices`')
    .option('--set <path=value>', 'any setting; may be given several times, the last one counts', collect)
    .option('--dry-run', 'tell what the run would cost, and do not train')
    .addHelpText('after', settingsHelp)
    .action(
      act(async (context, options: TrainOptions) => {
        const config = await configOf(options, context.home);
        if (options.dryRun) {
          const { estimateRun } = await import('../../../engine/service/estimate.ts');
          return estimateReport(config, await estimateRun(context.home, config));
        }
        const service = await context.service();
        return trainReport(await service.train(config, trainHooks(context)));
      }),
    );
}

export function addResume(program: Command, act: Act): void {
  program
    .command('resume')
    .argument('<run>', 'run to go on with')
    .description('go on with a stopped run, to the same numbers as if it had never stopped')
    .action(
      act(async (context, run: string) => {
        const service = await context.service();
        return trainReport(await service.resume(run, trainHooks(context)));
      }),
    );
}
