/** `dept score`: result files in the official formats to metrics, wherever they come from. */
import { type Command, Option } from 'commander';
import type { VqaVariant } from '../../../engine/metrics/vqa-accuracy.ts';
import type { Act } from '../context.ts';
import { metricsText } from '../metrics.ts';
import { count } from '../numbers.ts';

interface CaptionOptions {
  readonly references: string;
  readonly predictions: string;
}

interface VqaOptions {
  readonly questions: string;
  readonly annotations: string;
  readonly predictions: string;
  readonly variant: VqaVariant;
}

function addCaptions(score: Command, act: Act): void {
  score
    .command('captions')
    .description('CIDEr-D, BLEU and ROUGE-L as the COCO evaluation computes them (plain ratios, not times 100)')
    .requiredOption('--references <file>', 'COCO caption annotations')
    .requiredOption('--predictions <file>', 'array of {image_id, caption}')
    .action(
      act(async ({ message }, options: CaptionOptions) => {
        const [{ readCaptionFiles }, { scoreCaptions }] = await Promise.all([
          import('../../../engine/metrics/official-files.ts'),
          import('../../../engine/metrics/captions.ts'),
        ]);
        const { items, withoutPrediction } = await readCaptionFiles(options);
        if (withoutPrediction > 0)
          message(`Images without a prediction, which do not count: ${count(withoutPrediction)}`);
        const { perItem: _, ...metrics } = scoreCaptions(items);
        return { value: { images: items.length, withoutPrediction, ...metrics }, text: metricsText(metrics) };
      }),
    );
}

function addVqa(score: Command, act: Act): void {
  score
    .command('vqa')
    .description('VQA accuracy in percent, overall, per answer type and per question type')
    .requiredOption('--questions <file>', 'VQA v2 questions')
    .requiredOption('--annotations <file>', 'VQA v2 annotations')
    .requiredOption('--predictions <file>', 'array of {question_id, answer}')
    .addOption(
      new Option(
        '--variant <variant>',
        'normalisation of VL-T5 and the DePT paper, or of the VQA evaluation since 2021',
      )
        .choices(['vl-t5', 'official'])
        .default('vl-t5'),
    )
    .action(
      act(async (_context, { variant, ...files }: VqaOptions) => {
        const [{ readVqaFiles }, { scoreVqa }] = await Promise.all([
          import('../../../engine/metrics/official-files.ts'),
          import('../../../engine/metrics/vqa-accuracy.ts'),
        ]);
        const items = await readVqaFiles(files);
        const { perItem: _, ...metrics } = scoreVqa(items, variant);
        return { value: { questions: items.length, variant, ...metrics }, text: metricsText(metrics) };
      }),
    );
}

export function addScore(program: Command, act: Act): void {
  const score = program.command('score').description('metrics of result files: captions, vqa');
  for (const add of [addCaptions, addVqa]) add(score, act);
}
