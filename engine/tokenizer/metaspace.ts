/** The options of tokenizer.json's Metaspace, which marks the start of a word with `▁`, in both parts that have it. */
import { z } from 'zod';

const schema = z.object({
  replacement: z.string().length(1),
  /** Before `prepend_scheme` came up; true says nothing more than its default. */
  add_prefix_space: z.boolean().default(true),
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  split: z.boolean().default(true),
});

export function metaspaceOptions(config: unknown) {
  const { add_prefix_space, prepend_scheme, ...options } = schema.parse(config);
  return { ...options, prepend: prepend_scheme ?? (add_prefix_space ? 'always' : 'never') };
}
