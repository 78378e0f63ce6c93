/** `dept demo`: bundled models and sample dataset, from training to score and use, in one line. */
import { type Command, Option } from 'commander';
import type { DemoResult } from '../../../engine/contract/calls.ts';
import type { Metrics } from '../../../engine/contract/metrics.ts';
import type { Act } from '../context.ts';
import { count, duration } from '../numbers.ts';
import { facts } from '../table.ts';
import { trainedShare, trainHooks } from '../training.ts';

interface DemoOptions {
  readonly task: 'vqa' | 'caption' | 'both';
}

/** What the demo tells of each task: the metric that its floor is known for, and the digits that mean something. */
const headlines = {
  vqa: { name: 'VQA accuracy', metric: 'accuracy', digits: 1, counted: 'questions' },
  caption: { name: 'CIDEr', metric: 'CIDEr', digits: 2, counted: 'pictures' },
} as const;

/** `VQA accuracy 71.2, question-only floor 38.6 (+32.6)`. */
function scoreText({ task, evaluation, floor }: DemoResult): string {
  const { name, metric, digits, counted } = headlines[task];
  const [own, least] = [evaluation.metrics[metric] as number, floor.metrics[metric] as number];
  const above = `${own < least ? '' : '+'}${(own - least).toFixed(digits)}`;
  const where = `on ${count(evaluation.examples)} ${counted} of the ${evaluation.split} split`;
  return `${name} ${own.toFixed(digits)}, ${floor.name} floor ${least.toFixed(digits)} (${above}), ${where}`;
}

/** `yes/no 80.1, number 60.2, other 66.0`; undefined where there are no answer types. */
function answerTypes({ perAnswerType }: Metrics): string | undefined {
  if (typeof perAnswerType !== 'object') return undefined;
  return Object.entries(perAnswerType)
    .map(([type, accuracy]) => `${type} ${accuracy.toFixed(1)}`)
    .join(', ');
}

function demoText(result: DemoResult): string {
  const { task, seconds, train, evaluation, example } = result;
  const types = answerTypes(evaluation.metrics);
  return facts([
    ['task', task],
    ['run', train.run],
    ['trained', trainedShare(train.parameters)],
    ['time', `${duration(seconds)}, of which ${duration(train.seconds)} for ${count(train.step)} training steps`],
    ['score', scoreText(result)],
    ...(types === undefined ? [] : [['by answer', types] as const]),
    ['picture', example.image],
    ...(example.question === undefined ? [] : [['question', example.question] as const]),
    ['model', example.text],
    ['people', example.expected],
  ]);
}

/** How to go on with the run of a task. */
function nextText({ task, train: { run } }: DemoResult): string {
  return task === 'vqa' ? `dept ask <image> "<question>" --run ${run}` : `dept caption <image...> --run ${run}`;
}

export function addDemo(program: Command, act: Act): void {
  program
    .command('demo')
    .description('train, evaluate and try the bundled models on the sample dataset')
    .addOption(new Option('--task <task>', 'what to learn').choices(['vqa', 'caption', 'both']).default('both'))
    .action(
      act(async (context, { task }: DemoOptions) => {
        const service = await context.service();
        const tasks = task === 'both' ? (['vqa', 'caption'] as const) : [task];
        const results = await service.demo({ tasks }, trainHooks(context));
        const next = results.map((result) => `Next: ${nextText(result)}`).join('\n');
        return { value: results, text: [...results.map(demoText), next].join('\n\n') };
      }),
    );
}
