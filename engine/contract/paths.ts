/** A browser of the machine's folders, for pages that have no file dialog of their own. */
import { z } from 'zod';
import { whole } from './decoding-config.ts';

/** Of a file or a folder of this machine. */
export const pathSchema = z
  .string()
  .min(1)
  .max(4000)
  .refine((path) => !path.includes('\0'), 'expected a path, which has no character of code zero');

export const folderQuerySchema = z.strictObject({
  /** Absolute; missing: the user's own folder. */
  path: pathSchema.optional(),
});

export type FolderQuery = z.output<typeof folderQuerySchema>;

export const folderListSchema = z.object({
  /** Absolute. */
  path: z.string(),
  /** Missing at the top. */
  parent: z.string().optional(),
  /** Names, sorted; hidden ones are left out. */
  folders: z.array(z.string()),
  /** Only those that an import may read: .json, .jsonl, .csv and the like. */
  files: z.array(z.object({ name: z.string(), bytes: whole(0) })),
  /** How many picture files the folder itself holds. */
  pictures: whole(0),
  /** The user's own folder. */
  home: z.string(),
  /** Where paths begin: `/`, or the drives of Windows. */
  roots: z.array(z.string()),
});

export type FolderList = z.output<typeof folderListSchema>;
