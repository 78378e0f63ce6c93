import { beforeAll } from 'vitest';
import { createGenerator, type EncodedSource, type SequenceGenerator } from '../../engine/decoding/generate.ts';
import type { Answer } from '../../engine/decoding/search.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { compared, type Differences, pinned, type Subject } from '../fidelity/compared.ts';
import { encoded } from './encode.ts';
import { engineOptions, modelFolder, type ReferenceAnswer, type ReferenceCase, reference } from './reference-cases.ts';

const generators = new Map<string, { generator: SequenceGenerator; source: EncodedSource }>();
const answered = new Map<ReferenceCase, Answer[][]>();

beforeAll(async () => {
  for (const model of new Set(reference.cases.map((one) => one.model))) {
    const [checkpoint, config] = [openCheckpoint(modelFolder(model)), readT5Config(modelFolder(model))];
    const generator = await createGenerator({ checkpoint, config, threads: 1 });
    generators.set(model, { generator, source: await encoded(checkpoint, config, reference.inputs) });
  }
  return async () => {
    for (const { generator } of generators.values()) await generator.release();
  };
});

async function answersTo(one: ReferenceCase): Promise<Answer[][]> {
  const { generator, source } = generators.get(one.model)!;
  const answers = answered.get(one) ?? (await generator.generate(source, engineOptions(one.options)));
  answered.set(one, answers);
  return answers;
}

type Compare = (own: readonly Answer[], wanted: readonly ReferenceAnswer[], label: string) => void;

/** Every prompt of these cases; `all` are the reference's answers to a case, by default with a stable torch.topk. */
async function eachPrompt(
  cases: readonly ReferenceCase[],
  compare: Compare,
  all: (one: ReferenceCase) => readonly (readonly ReferenceAnswer[] | null)[] = ({ answers }) => answers,
): Promise<void> {
  for (const one of cases) {
    const own = await answersTo(one);
    all(one).forEach((wanted, i) => {
      if (wanted !== null) compare(own[i]!, wanted, `${one.model} ${JSON.stringify(one.options)} prompt ${i}`);
    });
  }
}

const idsOf = (answers: readonly Answer[]): string[] => answers.map(({ ids }) => ids.join(' '));
const textsOf = (answers: readonly ReferenceAnswer[]): string[] => answers.map(([ids]) => ids);

const subject = (what: string, allowed = 0): Subject => ({
  ...{ area: 'Decoding', what, against: pinned('transformers'), measure: 'identical', allowed },
});

const sameIds =
  (differences: Differences): Compare =>
  (own, wanted, label) =>
    differences.same(idsOf(own), textsOf(wanted), label);

const rules = ['no_repeat_ngram_size', 'repetition_penalty', 'forced_bos_token_id', 'forced_eos_token_id'] as const;
const lengths = ['min_length', 'min_new_tokens'] as const;
const isRuled = ({ options }: ReferenceCase): boolean => [...rules, ...lengths].some((name) => name in options);
const isGreedy = ({ options }: ReferenceCase): boolean => options.num_beams === 1;

const of = (name: string): readonly ReferenceCase[] => reference.cases.filter(({ model }) => model === name);
const others = reference.cases.filter(({ model }) => model !== 'flat' && model !== 'twins');
/** No choice that matters is an exact tie: torch.topk as it is gives the same. */
const untied = others.filter(({ torch }) => torch === undefined);
const searched = untied.filter((one) => !isGreedy(one));

const greedy = subject('greedy search, with rules and without, batches that end at once and never: ids');
compared(greedy, (differences) => eachPrompt(untied.filter(isGreedy), sameIds(differences)));

const plain = subject('beam 2, 4, 5 with length penalties, early stopping false, true, never, several answers: ids');
compared(plain, (differences) =>
  eachPrompt(
    searched.filter((one) => !isRuled(one)),
    sameIds(differences),
  ),
);

const ruled = subject('beam search with minimum length, repeated n-grams, repetition penalty, forced ids: ids');
compared(ruled, (differences) => eachPrompt(searched.filter(isRuled), sameIds(differences)));

const scores = subject('scores, relative where above 1');
compared({ ...scores, measure: 'absolute', allowed: 1e-4 }, (differences) =>
  eachPrompt(reference.cases, (own, wanted, label) => {
    const sizes = wanted.map(([, score]) => Math.max(1, Math.abs(score ?? 1))); // a negative length penalty multiplies
    const ownScores = own.map(({ score }, i) => score / sizes[i]!);
    differences.values(
      ownScores,
      wanted.map(([, score], i) => (score ?? -Infinity) / sizes[i]!),
      label,
    );
  }),
);

const flat = subject('exact ties between beams and ids, torch.topk made stable (lower beam, then lower id first): ids');
compared(flat, (differences) =>
  eachPrompt([...of('flat'), ...others.filter(({ torch }) => torch !== undefined)], sameIds(differences)),
);

// torch.topk as it is, which promises no order among equals; only rules that look at ids tell equal ones apart
compared(subject('exact ties between ids with equal weights: ids, up to such ids'), (differences) => {
  const first = new Map(reference.about.twins.flatMap((ids) => ids.map((id) => [String(id), String(ids[0])] as const)));
  const upToTwins = (texts: readonly string[]): string[] =>
    texts.map((text) => text.replaceAll(/\d+/g, (id) => first.get(id) ?? id));
  const looking = ['no_repeat_ngram_size', 'repetition_penalty'] as const;
  return eachPrompt(
    of('twins').filter(({ options }) => !looking.some((name) => name in options)),
    (own, wanted, label) => differences.same(upToTwins(idsOf(own)), upToTwins(textsOf(wanted)), label),
    ({ torch, answers }) => torch ?? answers,
  );
});

// between beams that differ in such ids alone rounding decides, and each runtime rounds in its own way
const twins = subject('exact ties between ids with equal weights, torch.topk made stable: ids', 0.05);
compared(twins, (differences) => eachPrompt(of('twins'), sameIds(differences)));
