/** `dept import-adapter` and `dept adapters`: prompts that others have trained. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AdapterInfo } from '../../../engine/contract/adapters.ts';
import { describeError } from '../../../engine/contract/errors.ts';
import type { Act } from '../context.ts';
import { decimal } from '../numbers.ts';
import { facts, table } from '../table.ts';

const openService = () => import('../../../engine/service/adapters.ts');

function adapterText(info: AdapterInfo): string {
  const { method, kind, promptLength, rank, maxTextLength, scale, width } = info;
  const tensors = info.tensors.map(({ name, shape, dtype, spread, least, most }) => [
    name,
    shape.join(' x '),
    dtype,
    spread,
    least,
    most,
  ]);
  return [
    facts([
      ['name', info.name],
      ['method', `${method} (${kind})`],
      ['m', `${promptLength} soft prompt tokens`],
      ['r', rank === 0 ? 'no low-rank update' : String(rank)],
      ...(maxTextLength === undefined ? [] : [['s', `${maxTextLength} text tokens`] as const]),
      ...(scale === undefined ? [] : [['scale', `${decimal(scale)} on A B`] as const]),
      ['d', width],
      ['trained on', info.base],
      ['values', info.parameters],
      ['projection', info.hasProjection ? 'of visual tokens, beside it' : 'none: for text alone'],
      ['file', info.file],
      ['folder', info.folder],
    ]),
    table(['tensor', 'shape', 'type', 'spread', 'least', 'most'], tensors),
    ...info.remarks.map((remark) => `note: ${remark}`),
  ].join('\n\n');
}

export function addImportAdapter(program: Command, act: Act): void {
  program
    .command('import-adapter')
    .argument('<folder>', "adapter of DePT's authors or of PEFT (PROMPT_TUNING): adapter_config.json with its weights")
    .description('look at an adapter, and keep it to start runs from and to export')
    .option('--name <name>', "name to keep it under; unless given: the folder's own")
    .option('--language <model>', 'T5 of the library that it must fit')
    .action(
      act(async ({ home }, folder: string, options: { name?: string; language?: string }) => {
        const { importAdapter } = await openService();
        const info = await importAdapter(home, { folder: resolve(folder), ...options });
        const next = `Next: dept train --set startFrom=${info.name} ..., or dept export ${info.name} --to dept --output <folder>`;
        return { value: info, text: `${adapterText(info)}\n\n${next}` };
      }),
    );
}

function addList(adapters: Command, act: Act): void {
  adapters
    .command('list')
    .description('imported adapters')
    .action(
      act(async ({ home, message }) => {
        const { listAdapterInfos } = await openService();
        const list = listAdapterInfos(home);
        for (const { name, error } of list.broken) message(`${name} cannot be used: ${describeError(error)}`);
        const rows = list.adapters.map(
          ({ name, method, promptLength, rank, maxTextLength, width, base, parameters }) => [
            name,
            method,
            promptLength,
            rank,
            maxTextLength,
            width,
            base,
            parameters,
          ],
        );
        const headings = ['adapter', 'method', 'm', 'r', 's', 'd', 'trained on', 'values'];
        const text = rows.length === 0 ? 'No adapters yet: dept import-adapter <folder>' : table(headings, rows);
        return { value: list, text };
      }),
    );
}

function addShow(adapters: Command, act: Act): void {
  adapters
    .command('show')
    .argument('<adapter>', 'name of an imported adapter')
    .description('one adapter in full')
    .action(
      act(async ({ home }, name: string) => {
        const [{ adapterInfo }, { openAdapter }] = await Promise.all([
          openService(),
          import('../../../engine/adapters/library.ts'),
        ]);
        const info = adapterInfo(name, openAdapter(home, name));
        return { value: info, text: adapterText(info) };
      }),
    );
}

function addRemove(adapters: Command, act: Act): void {
  adapters
    .command('remove')
    .argument('<adapter>', 'name of an imported adapter')
    .description('remove an imported adapter; runs that started from it stay')
    .action(
      act(async ({ home }, name: string) => {
        const { removeAdapter } = await import('../../../engine/adapters/library.ts');
        removeAdapter(home, name);
        return { value: { removed: name }, text: `Removed ${name}` };
      }),
    );
}

export function addAdapters(program: Command, act: Act): void {
  const adapters = program.command('adapters').description('imported adapters: list, show, remove');
  for (const add of [addList, addShow, addRemove]) add(adapters, act);
}
