/** `dept score`: result files in the official formats to metrics, wherever they come from. */
import { type Command, Option } from 'commander';
import type { Metrics } from '../../../engine/contract/metrics.ts';
import { captionNotes, captionNotesText } from '../../../engine/metrics/metric-notes.ts';
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
  readonly vocabulary?: string;
}

function addCaptions(score: Command, act: Act): void {
  score
    .command('captions')
    .description('CIDEr-D, BLEU, ROUGE-L and METEOR as the COCO evaluation computes them (plain ratios, not times 100)')
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
        const value = { images: items.length, withoutPrediction, ...metrics, notes: captionNotes };
        return { value, text: `${metricsText(metrics)}\n\n${captionNotesText()}` };
      }),
    )
    .addHelpText('after', `\n${captionNotesText()}`);
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
    .option('--vocabulary <file>', "array of the answers a model may give: adds VL-T5's topk score, from 0 to 1")
    .action(
      act(async (_context, { variant, vocabulary, ...files }: VqaOptions) => {
        const [{ readVocabulary, readVqaFiles }, { scoreVqa }, { topkScore }] = await Promise.all([
          import('../../../engine/metrics/official-files.ts'),
          import('../../../engine/metrics/vqa-accuracy.ts'),
          import('../../../engine/metrics/topk-score.ts'),
        ]);
        const items = await readVqaFiles(files);
        const { perItem: _, ...accuracies } = scoreVqa(items, variant);
        const topk = vocabulary === undefined ? undefined : topkScore(items, readVocabulary(vocabulary));
        const metrics: Metrics = topk === undefined ? accuracies : { ...accuracies, topk: { ...topk } };
        return { value: { questions: items.length, variant, ...metrics }, text: metricsText(metrics) };
      }),
    );
}

export function addScore(program: Command, act: Act): void {
  const score = program.command('score').description('metrics of result files: captions, vqa');
  for (const add of [addCaptions, addVqa]) add(score, act);
}
