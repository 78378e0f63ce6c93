/** What an importer reads and what it yields: the common ground of the importers and the index. */
import type { ReadOptions } from './read-file.ts';

/** `images`: a folder of pictures without annotations. */
export const FORMATS = ['coco-captions', 'karpathy', 'vqa-v2', 'vlt5-vqa', 'jsonl', 'csv', 'images'] as const;
export type Format = (typeof FORMATS)[number];

/** Files that belong together and are read as one. */
export interface Source {
  readonly format: Format;
  /** `vqa-v2`: the questions, then the annotations if there are any; `images`: one folder; otherwise one file. Absolute. */
  readonly files: readonly string[];
  /** The split of every record that does not name its own. */
  readonly split: string;
}

/** Where in a source something stands. */
export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
}

export interface ImageReference {
  /** The image's own id in the source. */
  readonly key: string;
  /** Its file relative to the image folder, best guess first; empty where the source gives only the id. */
  readonly names: readonly string[];
}

export const refusalCodes = [
  'malformed',
  'empty-caption',
  'empty-question',
  'no-answers',
  'no-annotation',
  'no-question',
  'duplicate-id',
  'unsafe-path',
  'missing-image',
  'unreadable-image',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

interface RecordBase {
  readonly place: Place;
  /** Where the record names its own. */
  readonly split?: string | undefined;
}

export interface ImageRecord extends RecordBase {
  readonly kind: 'image';
  readonly image: ImageReference;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface CaptionRecord extends RecordBase {
  readonly kind: 'caption';
  readonly id?: string | undefined;
  readonly image: ImageReference;
  readonly caption: string;
}

export interface QuestionRecord extends RecordBase {
  readonly kind: 'question';
  readonly id?: string | undefined;
  readonly image: ImageReference;
  readonly question: string;
  readonly answers: readonly string[];
  readonly answerType?: string | undefined;
  readonly questionType?: string | undefined;
}

/** A record that the importer itself could not use. */
export interface RefusedRecord extends RecordBase {
  readonly kind: 'refused';
  readonly item: string;
  readonly code: RefusalCode;
  readonly reason: string;
}

export type SourceRecord = ImageRecord | CaptionRecord | QuestionRecord | RefusedRecord;

export interface ImporterOptions extends ReadOptions {
  /**
   * For a look at the source: give only about so many records of each kind, but all that they refer to. An importer that
   * gives its records in the order of one file need not heed it: whoever looks stops reading.
   */
  readonly sample?: number | undefined;
}

/** Reads a source as a stream of records. Throws `bad-file` where the file as a whole cannot be read. */
export type Importer = (source: Source, options: ImporterOptions) => AsyncGenerator<SourceRecord>;
