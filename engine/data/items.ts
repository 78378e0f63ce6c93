/** What a dataset consists of, as the rest of the program sees it. */

export type Task = 'vqa' | 'caption';

export interface ImageItem {
  /** `<split>/<key>`: unique in the dataset, and the same after importing the same data again. */
  readonly id: string;
  /** The image's own id in its source: COCO's number, or the name it was given by. */
  readonly key: string;
  /** Absolute. */
  readonly path: string;
  readonly split: string;
  /** In pixels, as seen; known where the source told or the import looked into the file. */
  readonly width?: number;
  readonly height?: number;
}

export interface QuestionItem {
  /** The question's id in its source, unique in its split. */
  readonly id: string;
  readonly imageId: string;
  readonly question: string;
  /** As annotated, in order, not normalised; empty where the source has no references. */
  readonly answers: readonly string[];
  readonly answerType?: string;
  readonly questionType?: string;
}

export interface CaptionItem {
  readonly imageId: string;
  readonly caption: string;
}

/** An image with all its captions, in the order of the source. */
export interface CaptionGroup {
  readonly image: ImageItem;
  readonly captions: readonly string[];
}

export function imageIdOf(split: string, key: string): string {
  return `${split}/${key}`;
}
