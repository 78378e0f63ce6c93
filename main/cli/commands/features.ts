/** `dept features`: compute the visual tokens of a dataset's images once, before training does. */
import type { Command } from 'commander';
import type { FeaturesRequest } from '../../../engine/contract/calls.ts';
import { layer, positive } from '../arguments.ts';
import type { Act } from '../context.ts';
import { bytes, count } from '../numbers.ts';

interface FeaturesOptions {
  readonly vision: string;
  readonly layer: FeaturesRequest['vision']['layer'];
  readonly pool: number | null;
}

export function addFeatures(program: Command, act: Act): void {
  program
    .command('features')
    .argument('<dataset>', 'imported dataset')
    .description("compute the visual tokens of a dataset's images")
    .requiredOption('--vision <model>', 'CLIP model of the library')
    .option('--layer <layer>', 'as vision.layer of dept train', layer, 'last')
    .option('--pool <side>', 'as vision.pool of dept train', positive, null)
    .action(
      act(async (context, dataset: string, { vision: model, layer, pool }: FeaturesOptions) => {
        const service = await context.service();
        const result = await service.features({ dataset, vision: { model, layer, pool } }, context);
        const { images, computed, folder } = result;
        const text = `${count(images)} images, ${count(computed)} of them new, ${bytes(result.bytes)} in ${folder}`;
        return { value: result, text };
      }),
    );
}
