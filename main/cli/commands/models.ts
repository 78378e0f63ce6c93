/** `dept models`: the model library. */
import type { Command } from 'commander';
import { DeptError } from '../../../engine/common/errors.ts';
import { describeError, toDeptError } from '../../../engine/contract/errors.ts';
import type { ModelCheck } from '../../../engine/contract/models.ts';
import type { Act } from '../context.ts';
import { bytes, decimal } from '../numbers.ts';
import { table } from '../table.ts';
import { modelText } from './model-text.ts';
import { addDiscard, addPull, unfinishedText } from './models-pull.ts';

/** Loaded when a command runs: `dept --help` needs none of it. */
async function openLibrary() {
  const [library, { readModelSource }, { bundledModelsFolder }] = await Promise.all([
    import('../../../engine/weights/library.ts'),
    import('../../../engine/weights/hub/model-source.ts'),
    import('../../../engine/weights/bundled.ts'),
  ]);
  return { ...library, readModelSource, bundled: bundledModelsFolder() };
}

function addList(models: Command, act: Act): void {
  models
    .command('list')
    .description('models that are installed or bundled')
    .action(
      act(async ({ home, message }) => {
        const { listModels, bundled } = await openLibrary();
        const { models, broken } = listModels(home, bundled);
        for (const { name, error } of broken) message(`${name} cannot be used: ${error.describe()}`);
        const { listDownloads } = await import('../../../engine/service/downloads.ts');
        const { downloads } = listDownloads(home);
        if (downloads.length > 0) message(unfinishedText(downloads));
        const rows = models.map((model) => [
          model.name,
          model.kind,
          model.parameters,
          model.dtype,
          bytes(model.size),
          model.bundled ? 'bundled' : '',
        ]);
        const text =
          rows.length === 0
            ? 'No models yet. Download one: dept models pull t5-base; or add a folder: dept models add <folder>'
            : table(['name', 'kind', 'parameters', 'precision', 'size', ''], rows);
        const value = {
          models,
          broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })),
          downloads,
        };
        return { value, text };
      }),
    );
}

function addShow(models: Command, act: Act): void {
  models
    .command('show')
    .argument('<model>', 'name in the library, or a model folder')
    .description('one model in full')
    .action(
      act(async ({ home }, name: string) => {
        const { showModel, readModelSource, bundled } = await openLibrary();
        const model = showModel(home, name, bundled);
        const value = { ...model, source: readModelSource(model.folder) };
        return { value, text: modelText(value) };
      }),
    );
}

function addAdd(models: Command, act: Act): void {
  models
    .command('add')
    .argument(
      '<folder>',
      "folder as published, in Hugging Face's layout (config.json) or open_clip's (open_clip_config.json); " +
        'a CLIP that OpenAI published is one file (RN101.pt)',
    )
    .description('take a model into the library')
    .option('--name <name>', 'name in the library (its own)')
    .action(
      act(async ({ home }, folder: string, { name }: { name?: string }) => {
        const { addModel } = await openLibrary();
        const model = await addModel(home, folder, name);
        return { value: model, text: modelText(model) };
      }),
    );
}

function checkText({ name, passed, steps }: ModelCheck): string {
  const lines = steps.flatMap(({ check, outcome, text, details = [], error, seconds }) => {
    const time = seconds === undefined || seconds < 0.1 ? '' : ` (${decimal(seconds)} s)`;
    const said = error === undefined ? `${text}${time}` : describeError(error).replaceAll('\n', '\n  ');
    return [`${outcome.padEnd(7)}  ${check}: ${said}`, ...details.map((line) => `           ${line}`)];
  });
  return [...lines, `${name} ${passed ? 'can be used' : 'cannot be used as it is'}`].join('\n');
}

function addCheck(models: Command, act: Act): void {
  models
    .command('check')
    .argument('<model>', 'name in the library, or a model folder')
    .description('files, weights against the configuration, their numbers, and a trial run')
    .option('--picture <file>', 'the picture that the published numbers of a CLIP were computed with')
    .action(
      act(async ({ home, message }, name: string, options: { picture?: string }) => {
        const { checkModel } = await import('../../../engine/service/model-check.ts');
        const check = await checkModel(home, name, options);
        if (check.passed) return { value: check, text: checkText(check) };
        message(checkText(check));
        const { text, error } = check.steps.find(({ outcome }) => outcome === 'failed')!;
        throw error === undefined
          ? new DeptError('bad-file', text, {
              path: check.folder,
              remedy: 'Add the model again from where it was published.',
            })
          : toDeptError(error);
      }),
    );
}

function addRemove(models: Command, act: Act): void {
  models
    .command('remove')
    .argument('<model>', 'name in the library')
    .description('remove an installed model')
    .action(
      act(async ({ home }, name: string) => {
        const { removeModel } = await openLibrary();
        removeModel(home, name);
        return { value: { removed: name }, text: `Removed ${name}` };
      }),
    );
}

export function addModels(program: Command, act: Act): void {
  const models = program.command('models').description('the model library: list, show, pull, add, check, remove');
  for (const add of [addList, addShow, addPull, addDiscard, addAdd, addCheck, addRemove]) add(models, act);
}
