/** `dept export`: a run, or an imported adapter, for other programs. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ExportFormat, exportFormats } from '../../../engine/contract/adapters.ts';
import type { CheckpointChoice } from '../../../engine/contract/calls.ts';
import { checkpointOption } from '../arguments.ts';
import type { Act } from '../context.ts';
import { bytes } from '../numbers.ts';

interface ExportOptions {
  readonly to: ExportFormat;
  readonly output: string;
  readonly checkpoint: CheckpointChoice;
}

export function addExport(program: Command, act: Act): void {
  program
    .command('export')
    .argument('<run>', 'trained run, or imported adapter')
    .description('write what was trained so that another program can use it')
    .addOption(
      new Option('--to <format>', "dept: the authors' fork of PEFT; peft: PEFT; onnx: graphs that run anywhere")
        .choices(exportFormats)
        .makeOptionMandatory(),
    )
    .requiredOption('--output <folder>', 'where to write it; a folder that is not there yet')
    .addOption(checkpointOption())
    .action(
      act(async (context, run: string, { to: format, output, checkpoint }: ExportOptions) => {
        const { exportAdapter } = await import('../../../engine/service/export.ts');
        const request = { run, checkpoint, format, output: resolve(output) };
        const result = await exportAdapter(context.home, request, context);
        const { step, folder, files, remarks } = result;
        const what = step === undefined ? result.run : `${result.run} at step ${step}`;
        const lines = files.map((file) => `  ${file.name} (${bytes(file.bytes)})`);
        const text = [`Wrote ${what} to ${folder}`, ...lines, ...remarks.map((remark) => `note: ${remark}`)].join('\n');
        return { value: result, text };
      }),
    );
}
