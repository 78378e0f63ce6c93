/** Takes the records of sources into the index one by one, and refuses what cannot be used. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DeptError } from '../common/errors.ts';
import type { DatasetDraft, TakenPart } from './draft.ts';
import { ImageFinder, imageFolders } from './image-finder.ts';
import { ImageIntake, type Problem } from './image-intake.ts';
import type { Task } from './items.ts';
import type { CaptionRecord, Format, ImageRecord, QuestionRecord, Source, SourceRecord } from './source.ts';
import { normaliseSplit } from './splits.ts';
import { problemOfTexts } from './text-limits.ts';

/** What an intake fills. */
export type IntakeDraft = Pick<DatasetDraft, 'name' | 'previous' | 'writer' | 'refusals'>;

export interface IntakeOptions {
  readonly draft: IntakeDraft;
  readonly replace: boolean;
  /** The user's image folder. */
  readonly images: string | undefined;
  readonly checkImages: boolean | undefined;
  /** Take this split's records only. */
  readonly onlySplit: string | undefined;
  /** Several sources may fall into one split, so that records without an id are told apart by file and line. */
  readonly manySources: boolean;
}

/** Formats that fill one part, known before the first record. */
const TASK_OF: Partial<Record<Format, Task>> = { 'vqa-v2': 'vqa', 'coco-captions': 'caption', images: 'caption' };

export class Intake {
  readonly images: ImageIntake;
  /** Records of splits that were not asked for. */
  skipped = 0;
  /** Questions and captions. */
  taken = 0;
  readonly #options: IntakeOptions;
  readonly #draft: IntakeDraft;
  readonly #parts = new Map<string, TakenPart>();
  #source!: Source;
  #finder!: ImageFinder;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#draft = options.draft;
    this.images = new ImageIntake(this.#draft.writer, this.#draft.previous?.roots ?? [], options.checkImages);
  }

  get parts(): readonly TakenPart[] {
    return [...this.#parts.values()];
  }

  get refused(): number {
    return this.#draft.refusals.summary.total;
  }

  /** Comes before the records of a source. Throws `not-found` for a missing image folder, `already-exists` as `take`. */
  begin(source: Source): void {
    this.#source = source;
    const [file] = source.files as [string];
    const isFolder = source.format === 'images';
    this.#finder = new ImageFinder(isFolder ? [file] : imageFolders(file, source.split, this.#options.images));
    const task = TASK_OF[source.format];
    if (task !== undefined) this.#part(task, source.split);
  }

  /** Throws `already-exists` where the record belongs to a part that may not be replaced. */
  async take(record: SourceRecord): Promise<void> {
    const { onlySplit } = this.#options;
    const { refusals } = this.#draft;
    const split = normaliseSplit(record.split ?? this.#source.split);
    if (onlySplit !== undefined && split !== onlySplit) {
      this.skipped += 1;
      return;
    }
    if (record.kind === 'refused') {
      refusals.add(record.item, record.place, record.code, record.reason);
      return;
    }
    const problem: Problem | undefined =
      split === undefined
        ? { code: 'malformed', reason: `"${record.split}" is not a name for a split` }
        : (problemOfTexts(record) ?? (await this.#accept(record, split)));
    if (problem !== undefined) refusals.add(titleOf(record), record.place, problem.code, problem.reason);
  }

  #accept(record: ImageRecord | CaptionRecord | QuestionRecord, split: string): Promise<Problem | undefined> {
    if (record.kind === 'image') return this.#acceptImage(record, split);
    return record.kind === 'caption' ? this.#acceptCaption(record, split) : this.#acceptQuestion(record, split);
  }

  async #acceptImage(record: ImageRecord, split: string): Promise<Problem | undefined> {
    const part = this.#part('caption', split);
    const image = await this.images.resolve(record.image, split, this.#finder, record);
    if ('code' in image) return image;
    part.hash.update(fingerprintLine('image', record.image.key, image.path));
    return undefined;
  }

  async #acceptCaption(record: CaptionRecord, split: string): Promise<Problem | undefined> {
    const caption = record.caption.trim();
    if (caption === '') return { code: 'empty-caption', reason: 'The caption is empty' };
    const part = this.#part('caption', split);
    const image = await this.images.resolve(record.image, split, this.#finder);
    if ('code' in image) return image;
    if (!this.#draft.writer.addCaption(split, record.id, image.id, caption)) {
      return { code: 'duplicate-id', reason: 'Another caption with the same id came before' };
    }
    this.#count(part, fingerprintLine('caption', record.image.key, image.path, caption));
    return undefined;
  }

  async #acceptQuestion(record: QuestionRecord, split: string): Promise<Problem | undefined> {
    const question = record.question.trim();
    if (question === '') return { code: 'empty-question', reason: 'The question is empty' };
    const part = this.#part('vqa', split);
    const image = await this.images.resolve(record.image, split, this.#finder);
    if ('code' in image) return image;
    const { answers, questionType, answerType } = record;
    const key = record.id ?? this.#placeId(record);
    const row = { key, image: image.id, question, questionType, answerType, answers };
    if (!this.#draft.writer.addQuestion(split, row)) {
      return { code: 'duplicate-id', reason: 'Another question with the same id came before' };
    }
    const content = [key, question, answers, questionType, answerType];
    this.#count(part, fingerprintLine('question', record.image.key, image.path, ...content));
    return undefined;
  }

  #count(part: TakenPart, line: string): void {
    part.items += 1;
    part.hash.update(line);
    this.taken += 1;
  }

  /** The id of a question that has none: the line it stands on. */
  #placeId({ place }: QuestionRecord): string {
    return this.#options.manySources ? `${basename(place.file)}:${place.line}` : String(place.line);
  }

  /** The part that a record belongs to. Asked for the first time, it takes the place of an existing one or ends the import. */
  #part(task: Task, split: string): TakenPart {
    const key = `${task} ${split}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      const exists = this.#draft.previous?.parts.some((old) => old.task === task && old.split === split);
      if (exists) this.#replace(task, split);
      part = { task, split, sources: new Set(), hash: createHash('sha256'), items: 0 };
      this.#parts.set(key, part);
    }
    part.sources.add(this.#source);
    return part;
  }

  #replace(task: Task, split: string): void {
    const { name, writer } = this.#draft;
    if (!this.#options.replace) {
      const what = task === 'vqa' ? 'questions' : 'captions';
      throw new DeptError('already-exists', `The dataset "${name}" has ${what} in the split "${split}" already`, {
        remedy: 'Ask for replacement, or choose another split or another name.',
      });
    }
    writer.removePart(task, split);
    this.images.forget();
  }
}

function titleOf(record: ImageRecord | CaptionRecord | QuestionRecord): string {
  if (record.kind === 'image') return `image ${record.image.key}`;
  const name = record.id === undefined ? `${record.kind} on line ${record.place.line}` : `${record.kind} ${record.id}`;
  return record.kind === 'caption' ? `${name} of image ${record.image.key}` : name;
}

function fingerprintLine(...values: readonly unknown[]): string {
  return `${JSON.stringify(values)}\n`;
}
