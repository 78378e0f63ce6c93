/** The recipe of a scene dataset: everything that decides its bytes. */
import { z } from 'zod';
import { readJson } from '../../common/json.ts';

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
  return readJson(path, recipeSchema);
}
