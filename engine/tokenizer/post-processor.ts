/** The post-processors of tokenizer.json, as far as they matter for ids: what stands before and after a text. */
import { z } from 'zod';
import { type Builders, build } from './component.ts';

/** T5 [] and [EOS], CLIP [BOS] and [EOS]. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const none: Frame = { before: [], after: [] };
const sequence = z.object({ processors: z.array(z.unknown()) });
const template = z.object({
  single: z.array(
    z.union([z.object({ SpecialToken: z.object({ id: z.string() }) }), z.object({ Sequence: z.object({}) })]),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().nonnegative()) })),
});
const token = z.tuple([z.string(), z.int().nonnegative()]);
const pair = z.object({ cls: token, sep: token });

const clsAndSep = (config: unknown): Frame => {
  const { cls, sep } = pair.parse(config);
  return { before: [cls[1]], after: [sep[1]] };
};

const builders: Builders<Frame> = {
  Sequence: (config) =>
    sequence
      .parse(config)
      .processors.map(buildFrame)
      .reduce(
        (inner, outer) => ({
          before: [...outer.before, ...inner.before],
          after: [...inner.after, ...outer.after],
        }),
        none,
      ),
  TemplateProcessing: (config) => {
    const { single, special_tokens } = template.parse(config);
    const at = single.findIndex((item) => 'Sequence' in item);
    const ids = (items: typeof single): number[] =>
      items.flatMap((item) => ('SpecialToken' in item ? (special_tokens[item.SpecialToken.id]?.ids ?? []) : []));
    return { before: ids(single.slice(0, at)), after: ids(single.slice(at)) };
  },
  RobertaProcessing: clsAndSep,
  BertProcessing: clsAndSep,
  ByteLevel: () => none,
};

export function buildFrame(config: unknown): Frame {
  return config === null ? none : build('post-processor', builders, config);
}
