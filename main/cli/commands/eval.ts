/** `dept eval`: the metrics of a trained run on a split. */
import type { Command } from 'commander';
import type { CheckpointChoice } from '../../../engine/contract/calls.ts';
import { captionNotesText, notesOf } from '../../../engine/metrics/metric-notes.ts';
import { checkpointOption, positive } from '../arguments.ts';
import type { Act } from '../context.ts';
import { type DecodingOptions, decodingOf, decodingOption } from '../decoding.ts';
import { metricsText } from '../metrics.ts';
import { count } from '../numbers.ts';

interface EvalOptions extends DecodingOptions {
  readonly split: string;
  readonly checkpoint: CheckpointChoice;
  readonly limit?: number;
  readonly predictions?: string;
}

export function addEval(program: Command, act: Act): void {
  program
    .command('eval')
    .argument('<run>', 'trained run')
    .description("metrics of a run on a split of its dataset, kept with every example's score in the run's folder")
    .option('--split <split>', 'split to evaluate on', 'test')
    .addOption(checkpointOption())
    .addOption(decodingOption())
    .option('--limit <examples>', 'first examples of the split only', positive)
    .option('--predictions <file>', "write the predictions here too, in the task's official result format")
    .action(
      act(async (context, run: string, { set, ...options }: EvalOptions) => {
        const decoding = decodingOf({ set });
        const service = await context.service();
        const result = await service.evaluate({ run, ...options, ...decoding }, context);
        const { run: id, evaluation, dataset, split, step, examples, metrics, predictions } = result;
        const head = `${id} at step ${count(step)} on ${count(examples)} examples of ${dataset}/${split}`;
        const tail = `\n\nEvaluation: ${evaluation}\nPredictions: ${predictions}`;
        const notes = notesOf(metrics);
        const remarks = notes === undefined ? '' : `\n\n${captionNotesText()}`;
        return { value: { ...result, notes }, text: `${head}\n\n${metricsText(metrics)}${remarks}${tail}` };
      }),
    )
    .addHelpText('after', `\n${captionNotesText()}`);
}
