/** One row of a CSV or JSONL file: named fields in, captions and questions out. Field names are matched in any case. */
import type { ImageReference, Place, SourceRecord } from '../source.ts';
import { MOST_TEXTS } from '../text-limits.ts';

/** The names that each field may go by. `answer` may also be numbered or repeated: answer1, answer_2, ... */
const FIELD_NAMES = {
  image: ['image', 'image_path', 'file_name', 'filename', 'img'],
  imageId: ['image_id', 'img_id', 'cocoid'],
  caption: ['caption', 'captions'],
  text: ['text'], // a caption in Hugging Face image folders; left alone beside a question
  question: ['question'],
  answer: ['answer', 'answers'],
  id: ['id', 'question_id'],
  split: ['split'],
  questionType: ['question_type'],
  answerType: ['answer_type'],
} as const;
export type Field = keyof typeof FIELD_NAMES;

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  Object.entries(FIELD_NAMES).flatMap(([field, names]) => names.map((name) => [name, field as Field] as const)),
);

/** What a table must have, for messages. */
export const EXPECTED_FIELDS = 'an image (image, file_name or image_id) and a caption (caption, text) or a question';

export function fieldOf(name: string): Field | undefined {
  const plain = name.trim().toLowerCase();
  return FIELD_OF.get(/^answers?[ _]?\d+$/.test(plain) ? 'answer' : plain);
}

/** True when rows with these fields can give captions or questions. */
export function isUsableTable(names: readonly string[]): boolean {
  const fields = new Set(names.map(fieldOf));
  const hasImage = fields.has('image') || fields.has('imageId');
  return hasImage && (fields.has('caption') || fields.has('text') || fields.has('question'));
}

/**
 * Adds the texts of a value: lists are flattened, `{answer}` objects unwrapped, numbers written out; null and empty text count as
 * absent. False where it holds anything else.
 */
function addTexts(value: unknown, texts: string[]): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (typeof value === 'string') return texts.push(value) > 0;
  if (typeof value === 'number') return texts.push(String(value)) > 0;
  if (typeof value !== 'object') return false;
  if ('answer' in value) return addTexts(value.answer, texts);
  return Array.isArray(value) && value.every((item) => addTexts(item, texts));
}

/** The row's captions and its question, or the reason why it gives none. */
export function recordsOfRow(row: Iterable<readonly [name: string, value: unknown]>, place: Place): SourceRecord[] {
  const item = `row on line ${place.line}`;
  const malformed = (reason: string): SourceRecord[] => [{ kind: 'refused', item, code: 'malformed', reason, place }];
  const fields = new Map<Field, string[]>();
  const names: string[] = [];
  for (const [name, value] of row) {
    names.push(name);
    const field = fieldOf(name);
    if (field === undefined) continue;
    const texts = fields.get(field) ?? [];
    if (!addTexts(value, texts)) return malformed(`${name}: expected a text, a number or a list of them`);
    fields.set(field, texts);
  }
  if (!isUsableTable(names)) return malformed(`expected ${EXPECTED_FIELDS}; got the fields ${names.join(', ')}`);

  const first = (field: Field): string | undefined => fields.get(field)?.[0]?.trim() || undefined;
  const name = first('image');
  const key = first('imageId') ?? name;
  if (key === undefined) return malformed('the image is missing');
  const image: ImageReference = { key, names: name === undefined ? [] : [name] };
  const id = first('id');
  const split = first('split');
  const question = first('question');
  const answers = (fields.get('answer') ?? []).filter((answer) => answer.trim() !== '');
  const captions = fields.get('caption') ?? (fields.has('question') ? [] : (fields.get('text') ?? []));
  if (captions.length > MOST_TEXTS) {
    return malformed(`The row has ${captions.length} captions; expected at most ${MOST_TEXTS}`);
  }

  const captionId = captions.length === 1 ? id : undefined; // several captions cannot share one id
  const records: SourceRecord[] = captions.map((caption) => {
    return { kind: 'caption', id: captionId, image, caption, split, place };
  });
  if (question !== undefined) {
    const types = { answerType: first('answerType'), questionType: first('questionType') };
    records.push({ kind: 'question', id, image, question, answers, ...types, split, place });
  }
  if (records.length > 0) return records;
  const [code, what] = fields.has('question')
    ? (['empty-question', 'question'] as const)
    : (['empty-caption', 'caption'] as const);
  return [{ kind: 'refused', item, code, reason: `The ${what} is empty`, split, place }];
}
