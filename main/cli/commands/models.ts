/** `dept models`: the model library. */
import type { Command } from 'commander';
import type { LibraryModel } from '../../../engine/weights/library.ts';
import type { Act } from '../context.ts';
import { bytes } from '../numbers.ts';
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
      'folder as published: config.json and model.safetensors, or open_clip_config.json and open_clip_model.safetensors',
    )
    .description('take a model folder into the library')
    .option('--name <name>', "name in the library (the folder's own)")
    .action(
      act(async ({ home }, folder: string, { name }: { name?: string }) => {
        const { addModel } = await openLibrary();
        const model = await addModel(home, folder, name);
        return { value: model, text: modelText(model) };
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
  const models = program.command('models').description('the model library: list, show, add, remove');
  for (const add of [addList, addShow, addAdd, addRemove]) add(models, act);
}
