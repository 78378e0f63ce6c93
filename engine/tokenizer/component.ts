/** A part of tokenizer.json, `{"type": "Name", ...}`, built by the entry of a table that has its name. */
import { z } from 'zod';

export type Builders<Part> = Readonly<Record<string, (config: unknown) => Part>>;

const named = z.looseObject({ type: z.string() });

/** @throws {Error} when no builder has the part's name, and what the builder throws. */
export function build<Part>(role: string, builders: Builders<Part>, config: unknown): Part {
  const { type } = named.parse(config);
  const builder = Object.hasOwn(builders, type) ? builders[type] : undefined;
  if (builder !== undefined) return builder(config);
  throw new Error(`the ${role} "${type}" (known: ${Object.keys(builders).join(', ')})`);
}
