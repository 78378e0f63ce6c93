/** `dept features`: compute the visual tokens of a dataset's images once, before training does. */
import { type Command, Option } from 'commander';
import type { FeaturesRequest } from '../../../engine/contract/calls.ts';
import { layer, positive } from '../arguments.ts';
import type { Act } from '../context.ts';
import { bytes, count } from '../numbers.ts';

interface FeaturesOptions {
  readonly vision: string;
  readonly layer: FeaturesRequest['vision']['layer'];
  readonly pool: number | null;
  readonly resize: FeaturesRequest['vision']['resize'];
}

export function addFeatures(program: Command, act: Act): void {
  program
    .command('features')
    .argument('<dataset>', 'imported dataset')
    .description("compute the visual tokens of a dataset's images")
    .requiredOption('--vision <model>', 'CLIP model of the library')
    .option('--layer <layer>', 'as vision.layer of dept train', layer, 'last')
    .option('--pool <side>', 'as vision.pool of dept train', positive, null)
    .addOption(
      new Option('--resize <how>', 'as vision.resize of dept train')
        .choices(['squash', 'as-published'])
        .default('squash'),
    )
    .action(
      act(async (context, dataset: string, { vision: model, layer, pool, resize }: FeaturesOptions) => {
        const service = await context.service();
        const result = await service.features({ dataset, vision: { model, layer, pool, resize } }, context);
        const { images, computed, folder } = result;
        const text = `${count(images)} images, ${count(computed)} of them new, ${bytes(result.bytes)} in ${folder}`;
        return { value: result, text };
      }),
    );
}
