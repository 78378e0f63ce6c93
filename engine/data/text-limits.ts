/** What a dataset's texts may be: more than that is a mistake of whoever made the file, and would burden all that shows it. */
import type { Problem } from './image-intake.ts';
import type { CaptionRecord, ImageRecord, QuestionRecord } from './source.ts';

/** Characters of a question, a caption or an answer. */
const MOST_OF_TEXT = 10_000;
/** Characters of an id or of a picture's name: both are part of addresses. */
const MOST_OF_NAME = 500;
/** Answers to a question, captions in a row of a table. */
export const MOST_TEXTS = 1000;

type Named = readonly [what: string, text: string | undefined];

function namesOf(record: ImageRecord | CaptionRecord | QuestionRecord): Named[] {
  const id = record.kind === 'image' ? undefined : record.id;
  const { key, names } = record.image;
  return [['id', id], ['id of the image', key], ...names.map((name): Named => ['name of the image', name])];
}

function textsOf(record: ImageRecord | CaptionRecord | QuestionRecord): Named[] {
  if (record.kind === 'image') return [];
  if (record.kind === 'caption') return [['caption', record.caption]];
  const { question, answers, answerType, questionType } = record;
  return [
    ['question', question],
    ['type of the answer', answerType],
    ['type of the question', questionType],
    ...answers.map((answer): Named => ['answer', answer]),
  ];
}

function tooLong([what, text]: Named, most: number): string | undefined {
  if (text === undefined || text.length <= most) return undefined;
  return `The ${what} has ${text.length} characters; expected at most ${most}`;
}

/** The index ends a text at a zero, so that it would come back cut short. */
function withZero([what, text]: Named): string | undefined {
  return text?.includes('\0') ? `The ${what} holds a character of code zero` : undefined;
}

/** Why the record's texts cannot be taken, if they cannot. */
export function problemOfTexts(record: ImageRecord | CaptionRecord | QuestionRecord): Problem | undefined {
  const count = record.kind === 'question' ? record.answers.length : 0;
  if (count > MOST_TEXTS) {
    return { code: 'malformed', reason: `The question has ${count} answers; expected at most ${MOST_TEXTS}` };
  }
  const [names, texts] = [namesOf(record), textsOf(record)];
  const reason =
    names.map((name) => tooLong(name, MOST_OF_NAME)).find(Boolean) ??
    texts.map((text) => tooLong(text, MOST_OF_TEXT)).find(Boolean) ??
    [...names.slice(0, 1), ...texts].map(withZero).find(Boolean); // in the image's own names it is an unsafe path
  return reason === undefined ? undefined : { code: 'malformed', reason };
}
