/** `dept models`: the model library. */
import type { Command } from 'commander';
import { DeptError } from '../../../engine/common/errors.ts';
import { describeError, toDeptError } from '../../../engine/contract/errors.ts';
import type { ModelCheck } from '../../../engine/contract/models.ts';
import type { LibraryModel } from '../../../engine/weights/library.ts';
import type { Act } from '../context.ts';
import { bytes, decimal } from '../numbers.ts';
import { facts, table } from '../table.ts';

/** Loaded when a command runs: `dept --help` needs none of it. */
async function openLibrary() {
  const [library, { bundledModelsFolder }] = await Promise.all([
    import('../../../engine/weights/library.ts'),
    import('../../../engine/weights/bundled.ts'),
  ]);
  return { ...library, bundled: bundledModelsFolder() };
}

function modelText(model: LibraryModel): string {
  return facts([
    ['name', model.name],
    ['kind', model.kind],
    ['parameters', model.parameters],
    ['precision', model.dtype],
    ['size', bytes(model.size)],
    ['bundled', model.bundled ? 'yes' : 'no'],
    ['folder', model.folder],
    ...model.files.map(({ name, size }): [string, string] => ['file', `${name} (${bytes(size)})`]),
  ]);
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
            ? 'No models yet. Add a folder as published on a hub: dept models add <folder>'
            : table(['name', 'kind', 'parameters', 'precision', 'size', ''], rows);
        const value = { models, broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })) };
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
        const { showModel, bundled } = await openLibrary();
        const model = showModel(home, name, bundled);
        return { value: model, text: modelText(model) };
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
  const models = program.command('models').description('the model library: list, show, add, check, remove');
  for (const add of [addList, addShow, addAdd, addCheck, addRemove]) add(models, act);
}
