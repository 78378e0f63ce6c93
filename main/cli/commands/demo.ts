/** `dept demo`: bundled model and sample dataset, from training to score, in one line. */
import { type Command, Option } from 'commander';
import type { Act } from '../context.ts';
import { metricsText } from '../metrics.ts';
import { trainFacts, trainHooks } from '../training.ts';

interface DemoOptions {
  readonly task: 'vqa' | 'caption' | 'both';
}

export function addDemo(program: Command, act: Act): void {
  program
    .command('demo')
    .description('train and evaluate on the bundled model and the sample dataset')
    .addOption(new Option('--task <task>', 'what to learn').choices(['vqa', 'caption', 'both']).default('both'))
    .action(
      act(async (context, { task }: DemoOptions) => {
        const service = await context.service();
        const tasks = task === 'both' ? (['vqa', 'caption'] as const) : [task];
        const results = await service.demo({ tasks }, trainHooks(context));
        const text = results.map(({ task, train, evaluation: { split, examples, metrics } }) =>
          [`${task}`, trainFacts(train), `\nOn ${examples} examples of ${split}:`, metricsText(metrics)].join('\n'),
        );
        return { value: results, text: text.join('\n\n') };
      }),
    );
}
