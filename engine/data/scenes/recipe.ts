/** The recipe of a scene dataset: everything that decides its bytes. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';

const count = z.int().min(1);

export const recipeSchema = z.strictObject({
  name: z.string().min(1),
  seed: z.int(),
  /** Side of a picture in pixels. */
  size: z.int().min(16).max(1024),
  /** Pictures per split. */
  splits: z.record(z.string().regex(/^[a-z]+$/), count.max(99_999)),
  captionsPerPicture: count.max(10),
  questionsPerPicture: count.max(10),
  scenes: z.strictObject({
    variety: z.enum(['moderate', 'wide']),
    /** Relative frequency of pictures with one, two, three, four shapes. */
    objects: z.array(z.number().min(0)).min(1).max(4),
  }),
});
export type SceneRecipe = z.infer<typeof recipeSchema>;

/** Reads a recipe file. Throws `bad-file` with every problem named. */
export function readRecipe(path: string): SceneRecipe {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DeptError('bad-file', 'The recipe cannot be read', { path, expected: 'a JSON file', cause });
  }
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeptError('bad-file', 'The recipe is not valid', { path, got: z.prettifyError(parsed.error) });
}
