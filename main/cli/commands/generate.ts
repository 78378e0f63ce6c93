/** `dept caption` and `dept ask`: try a trained run on images. */
import type { Command } from 'commander';
import type { CheckpointChoice } from '../../../engine/contract/calls.ts';
import { checkpointOption, runOption } from '../arguments.ts';
import type { Act } from '../context.ts';
import { type DecodingOptions, decodingOf, decodingOption } from '../decoding.ts';

interface GenerateOptions extends DecodingOptions {
  readonly run: string;
  readonly checkpoint: CheckpointChoice;
}

export function addCaption(program: Command, act: Act): void {
  program
    .command('caption')
    .argument('<image...>', 'image files')
    .description('describe images')
    .addOption(runOption())
    .addOption(checkpointOption())
    .addOption(decodingOption())
    .action(
      act(async (context, images: string[], { run, checkpoint, set }: GenerateOptions) => {
        const decoding = decodingOf({ set });
        const service = await context.service();
        const results = await service.caption({ run, checkpoint, images, ...decoding }, context);
        const lines = results.map(({ image, caption }) => (images.length === 1 ? caption : `${image}: ${caption}`));
        return { value: results, text: lines.join('\n') };
      }),
    );
}

export function addAsk(program: Command, act: Act): void {
  program
    .command('ask')
    .argument('<image>', 'image file')
    .argument('<question>', 'question about it')
    .description('answer a question about an image')
    .addOption(runOption())
    .addOption(checkpointOption())
    .addOption(decodingOption())
    .action(
      act(async (context, image: string, question: string, { run, checkpoint, set }: GenerateOptions) => {
        const decoding = decodingOf({ set });
        const service = await context.service();
        const result = await service.ask({ run, checkpoint, image, question, ...decoding }, context);
        return { value: result, text: result.answer };
      }),
    );
}
