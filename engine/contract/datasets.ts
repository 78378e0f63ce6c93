/** Datasets as the pages see them: listed, browsed picture by picture, searched, previewed before an import, imported. */
import { z } from 'zod';
import { whole } from './decoding-config.ts';
import { errorRecordSchema } from './errors.ts';
import { pathSchema } from './paths.ts';

/** Format of a dataset's files; `images` is a folder of pictures without annotations. */
export const importFormats = ['coco-captions', 'karpathy', 'vqa-v2', 'vlt5-vqa', 'jsonl', 'csv', 'images'] as const;

export type ImportFormat = (typeof importFormats)[number];

const datasetName = z.string().min(1).max(200);
const splitName = z.string().min(1).max(200);
const taskSchema = z.enum(['vqa', 'caption']);
/** How often a value occurs. */
const countedSchema = z.object({ value: z.string(), count: whole(1) });

export const datasetNameSchema = z.strictObject({ dataset: datasetName });

export const splitSummarySchema = z.object({
  name: z.string(),
  images: whole(0),
  captions: whole(0),
  questions: whole(0),
  /** Questions that have answers. */
  answered: whole(0),
});

export type SplitSummary = z.output<typeof splitSummarySchema>;

export const datasetSummarySchema = z.object({
  name: z.string(),
  /** What it can be used for: it has questions, captions, or (empty) pictures only. */
  tasks: z.array(taskSchema),
  /** train, val, test first. */
  splits: z.array(splitSummarySchema),
  /** Of all splits. */
  images: whole(0),
  captions: whole(0),
  questions: whole(0),
  /** The files that it was made from, absolute. */
  sources: z.array(z.string()),
  /** The last import, ISO 8601, UTC. */
  imported: z.string(),
  /** Drawn by the program. */
  isSample: z.boolean(),
  /** Of its index, in bytes; the pictures stay where they are. */
  indexBytes: whole(0),
});

export type DatasetSummary = z.output<typeof datasetSummarySchema>;

export const datasetListSchema = z.object({
  /** By name. */
  datasets: z.array(datasetSummarySchema),
  /** There, but not readable. */
  broken: z.array(z.object({ name: z.string(), error: errorRecordSchema })),
});

export type DatasetList = z.output<typeof datasetListSchema>;

/** A record that an import did not take, and why. */
export const refusalSchema = z.object({
  /** The record, in words: `question 17`, `row on line 3`. */
  item: z.string(),
  file: z.string(),
  /** Counted from 1. */
  line: whole(1).optional(),
  /** `missing-image`, `empty-caption` and the like. */
  code: z.string(),
  reason: z.string(),
});

export type Refusal = z.output<typeof refusalSchema>;

export const datasetDetailsSchema = z.object({
  ...datasetSummarySchema.shape,
  /** What each import brought: one part per task and split. */
  parts: z.array(
    z.object({
      task: taskSchema,
      split: z.string(),
      format: z.enum(importFormats),
      /** Questions or captions; 0 for pictures without annotations. */
      items: whole(0),
      sources: z.array(z.object({ path: z.string(), bytes: whole(0), modified: z.string() })),
    }),
  ),
  /** The folders that hold the pictures, absolute. */
  imageFolders: z.array(z.string()),
  refused: z.object({
    total: whole(0),
    byCode: z.record(z.string(), whole(1)),
    /** The first few. */
    examples: z.array(refusalSchema),
  }),
  /** Of its questions, most frequent first; empty where the source names no types. */
  answerTypes: z.array(countedSchema),
  questionTypes: z.array(countedSchema),
  /** Whether every picture has its thumbnail: those that do not get one when they are first seen, or by `datasets.thumbnails`. */
  thumbnailsMade: z.boolean(),
  /** Changes whenever an item does. */
  fingerprint: z.string(),
});

export type DatasetDetails = z.output<typeof datasetDetailsSchema>;

export const browseQuerySchema = z.strictObject({
  dataset: datasetName,
  /** Missing: all splits. */
  split: splitName.optional(),
  /**
   * Words, or beginnings of words, that must all occur in one caption, or in one question with its answers. Beside
   * `answerType`, `questionType` or `answer`: in a question that meets those as well.
   */
  text: z.string().max(500).optional(),
  answerType: z.string().max(200).optional(),
  questionType: z.string().max(200).optional(),
  /** Pictures with a question that somebody answered exactly so. */
  answer: z.string().max(2000).optional(),
  /** `nothing`: neither captions nor questions. */
  has: z.enum(['captions', 'questions', 'nothing']).optional(),
  limit: whole(1).max(1000).default(100),
  offset: whole(0).default(0),
});

export type BrowseQuery = z.output<typeof browseQuerySchema>;

const imageFields = {
  /** `<split>/<key>`; its picture is at `/media/<dataset>/<split>/<key>`. */
  id: z.string(),
  key: z.string(),
  split: z.string(),
  /** In pixels, as seen; missing where neither the source told nor the import looked. */
  width: whole(1).optional(),
  height: whole(1).optional(),
};

export const browsedImageSchema = z.object({
  ...imageFields,
  /** Its first caption, or else its first question; missing where it has neither. */
  label: z.string().optional(),
  /** At a glance, in base64: width, height, and red, green and blue of each pixel, one byte each. Missing until it is made. */
  look: z.string().max(300).optional(),
  captions: whole(0),
  questions: whole(0),
});

export type BrowsedImage = z.output<typeof browsedImageSchema>;

export const browseResultSchema = z.object({
  /** All that pass the filters, whatever the page. */
  total: whole(0),
  /** In the order of the source, split by split. */
  images: z.array(browsedImageSchema),
});

export type BrowseResult = z.output<typeof browseResultSchema>;

export const itemQuerySchema = z.strictObject({ dataset: datasetName, image: z.string().min(1).max(1000) });

export const itemDetailsSchema = z.object({
  image: z.object({ ...imageFields, fileName: z.string() }),
  captions: z.array(z.string()),
  questions: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      /** As annotated, in order. */
      answers: z.array(z.string()),
      /** The same, each answer once, most frequent first. */
      counts: z.array(countedSchema),
      answerType: z.string().optional(),
      questionType: z.string().optional(),
    }),
  ),
});

export type ItemDetails = z.output<typeof itemDetailsSchema>;

export const answerCountsQuerySchema = z.strictObject({
  dataset: datasetName,
  split: splitName.optional(),
  answerType: z.string().max(200).optional(),
  limit: whole(1).max(1000).default(20),
});

export type AnswerCountsQuery = z.output<typeof answerCountsQuerySchema>;

export const answerCountsSchema = z.object({
  /** Answers as annotated: ten to a question of VQA v2. */
  total: whole(0),
  distinct: whole(0),
  /** Most frequent first. */
  top: z.array(countedSchema),
});

export type AnswerCounts = z.output<typeof answerCountsSchema>;

export const refusedQuerySchema = z.strictObject({
  dataset: datasetName,
  limit: whole(1).max(1000).default(100),
  offset: whole(0).default(0),
});

export type RefusedQuery = z.output<typeof refusedQuerySchema>;

export const refusedPageSchema = z.object({ total: whole(0), refused: z.array(refusalSchema) });

export type RefusedPage = z.output<typeof refusedPageSchema>;

const importFields = {
  /** Files, or folders that hold them, absolute. */
  paths: z.array(pathSchema).min(1).max(1000),
  format: z.enum(['auto', ...importFormats]).default('auto'),
  /** The image folder, where it is not beside the files. */
  images: pathSchema.optional(),
  /** The split that the files hold; where they name splits themselves, the only one to take. */
  split: splitName.optional(),
};

export const detectQuerySchema = z.strictObject(importFields);

export type DetectQuery = z.output<typeof detectQuerySchema>;

export const previewItemSchema = z.object({
  kind: z.enum(['question', 'caption', 'image']),
  split: z.string(),
  /** The question or the caption; empty for a picture without. */
  text: z.string(),
  /** Of a question, each once, most frequent first. */
  answers: z.array(countedSchema).optional(),
  /** The picture as the source names it. */
  image: z.string(),
  /** Whether its file is there and can be read. */
  found: z.boolean(),
  /** A data URL of some 96 pixels. */
  thumbnail: z.string().optional(),
});

export type PreviewItem = z.output<typeof previewItemSchema>;

export const detectionSchema = z.object({
  sources: z.array(
    z.object({
      format: z.enum(importFormats),
      /** Absolute; of the format `images`: the folder. */
      files: z.array(z.string()),
      split: z.string(),
      /** Of the files together; missing for a folder of pictures. */
      bytes: whole(0).optional(),
      /** How many a folder of pictures holds. */
      pictures: whole(0).optional(),
    }),
  ),
  /** Files in a named folder that were seen and will not be used. */
  ignored: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** A name that no dataset has yet. */
  suggestedName: z.string(),
  preview: z.object({
    /** The first few, from every source. */
    items: z.array(previewItemSchema),
    /** The first few of what would be refused. */
    problems: z.array(refusalSchema),
    /** Records looked at; an import reads them all. */
    sampled: whole(0),
    /** Of these: records that would be refused. */
    refused: whole(0),
    /** Different pictures that the records name. */
    imagesFound: whole(0),
    imagesMissing: whole(0),
  }),
});

export type Detection = z.output<typeof detectionSchema>;

/** The job `datasets.import`: makes a dataset, or adds to the one of that name. */
export const importParamsSchema = z.strictObject({
  name: z.string().min(1).max(100),
  ...importFields,
  /** Put the new items in the place of those that the dataset has for the same task and split. */
  replace: z.boolean().default(false),
});

export type ImportParams = z.output<typeof importParamsSchema>;
