/** How the settings of a run stand in the form: in sections, the essential ones open, each setting in exactly one. Pure. */
import { type ChosenNames, type ConfigField, configFields } from '../../../engine/contract/config-fields.ts';
import { namedGroups } from '../../../engine/contract/train-config.ts';
import { settingAt } from '../../lib/config-defaults.ts';

export interface FormSection {
  readonly title: string;
  /** Open from the start. */
  readonly essential: boolean;
  /** Dotted paths, or groups: `evaluation` stands for all of its settings. */
  readonly paths: readonly string[];
}

/** `task` has its own place above the presets; m and r stand by the budget as well. */
export const formSections: readonly FormSection[] = [
  { title: 'Data and models', essential: true, paths: ['dataset.name', 'vision.model', 'language.model'] },
  { title: 'Method', essential: true, paths: ['method.name', 'method.promptLength', 'method.rank'] },
  { title: 'Training', essential: true, paths: ['steps', 'batchSize', 'learningRates'] },
  {
    title: 'Which data, and how it is read',
    essential: false,
    paths: ['dataset', 'vision', 'maxTextLength', 'targetLength', 'answerSampling', 'answerMinimum'],
  },
  { title: 'First values and scale of the method', essential: false, paths: ['startFrom', 'method'] },
  {
    title: 'Optimiser and schedule',
    essential: false,
    paths: ['optimiser', 'schedule', 'clipNorm', 'dropout', 'accumulation'],
  },
  { title: 'Evaluation while training', essential: false, paths: ['evaluation'] },
  {
    title: 'Checkpoints, seed, threads and memory',
    essential: false,
    paths: ['checkpoint', 'seed', 'threads', 'device', 'microBatch', 'sharedWeights', 'recompute', 'precision'],
  },
];

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}.`);

/** The section of a setting: the first that names it itself, else the first that names its group. */
function sectionOf(path: string): number {
  const named = formSections.findIndex(({ paths }) => paths.includes(path));
  return named === -1 ? formSections.findIndex(({ paths }) => paths.some((place) => isWithin(path, place))) : named;
}

/** The names in force in a config, such as `{ method: 'dept' }`. */
export function chosenNames(config: unknown): ChosenNames {
  return Object.fromEntries(
    Object.entries(namedGroups).map(([group, usual]) => {
      const name = settingAt(config, `${group}.name`);
      return [group, typeof name === 'string' ? name : usual];
    }),
  );
}

/** A setting of the form. For a name that decides others, `input` offers all names. */
export interface FormField extends ConfigField {
  readonly label: string;
}

/** The settings that a config with these names has, section by section, each once, in the order of their section. */
export function fieldsBySection(chosen: ChosenNames): readonly (readonly FormField[])[] {
  const fields = configFields().filter(({ path, variant }) => {
    return variant === undefined || path.endsWith('.name') || chosen[path.split('.')[0]!] === variant;
  });
  const byPath = Map.groupBy(fields, ({ path }) => path);
  const sections: FormField[][] = formSections.map(() => []);
  for (const [path, [first, ...others]] of byPath) {
    const at = sectionOf(path);
    if (at === -1) continue;
    sections[at]!.push({ ...joined(first!, others, chosen), label: labelOf(path) });
  }
  const placeOf = (section: number, path: string): number => {
    const at = formSections[section]!.paths.findIndex((place) => isWithin(path, place));
    return at === -1 ? Number.MAX_SAFE_INTEGER : at;
  };
  return sections.map((some, section) => some.toSorted((a, b) => placeOf(section, a.path) - placeOf(section, b.path)));
}

/** The names of several variants as one choice; the description is that of the one in force. */
function joined(first: ConfigField, others: readonly ConfigField[], chosen: ChosenNames): ConfigField {
  if (others.length === 0) return first;
  const all = [first, ...others];
  return {
    ...first,
    input: { kind: 'choice', values: all.flatMap(({ input }) => (input.kind === 'choice' ? input.values : [])) },
    description: (all.find(({ path, variant }) => chosen[path.split('.')[0]!] === variant) ?? first).description,
  };
}

/** Labels that the path does not give. */
const labels: Readonly<Record<string, string>> = {
  'dataset.name': 'Dataset',
  'dataset.trainSplit': 'Training split',
  'dataset.trainLimit': 'Training examples, at most',
  'vision.model': 'Vision model',
  'vision.layer': 'Layer of the visual tokens',
  'vision.pool': 'Pooled grid',
  'vision.resize': 'How pictures become square',
  'vision.projection': 'Visual projection',
  'language.model': 'Language model',
  'method.name': 'Method',
  'method.promptLength': 'Prompt length m',
  'method.rank': 'Rank r',
  'method.alpha': 'Scale alpha',
  'method.promptInit': 'First value of the prompt',
  'method.initText': 'Text for the first value',
  'method.lowRankInit': 'First value of A',
  startFrom: 'Start from',
  maxTextLength: 'Text length s',
  answerSampling: 'Answers that are learnt',
  answerMinimum: 'Questions that an answer needs',
  accumulation: 'Batches in a step',
  microBatch: 'Examples computed at one time',
  sharedWeights: 'One copy of the frozen weights',
  recompute: 'Values of layers computed twice',
  precision: 'Numbers of the frozen T5',
  'learningRates.prompt': 'Learning rate of the prompt',
  'learningRates.lowRank': 'Learning rate of A and B',
  'learningRates.projection': 'Learning rate of the projection',
  'optimiser.name': 'Optimiser',
  'schedule.name': 'Schedule',
  clipNorm: 'Largest gradient norm',
  'evaluation.every': 'Steps between evaluations',
  'evaluation.metric': 'Metric of the best checkpoint',
  'evaluation.maxLength': 'Longest text',
  'evaluation.minLength': 'Shortest text',
  'evaluation.noRepeatNgram': 'Length of what may not repeat',
  'schedule.warmupSteps': 'Warm-up steps',
  'evaluation.limit': 'Examples, at most',
  'checkpoint.every': 'Steps between checkpoints',
  'checkpoint.keep': 'Checkpoints to keep',
};

/** `learningRates.lowRank` as a person reads it; the last part in words where nobody gave it a name. */
export function labelOf(path: string): string {
  const own = labels[path];
  if (own !== undefined) return own;
  const words = path
    .split('.')
    .at(-1)!
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase();
  return words[0]!.toUpperCase() + words.slice(1);
}

/** True where all words of a search occur in what the form says of a setting. */
export function matches({ path, label, description }: FormField, search: string): boolean {
  const said = `${path} ${label} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
