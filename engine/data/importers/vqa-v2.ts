/** VQA v2's pair of files: questions, and annotations with ten answers each (spec 5.3). */
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import type { ImporterOptions, QuestionRecord, RefusedRecord, Source, SourceRecord } from '../source.ts';
import { answersSchema, idSchema, malformed, titleOf } from './record-schemas.ts';

const questionSchema = z.object({ question_id: idSchema, image_id: idSchema, question: z.string() });
const annotationSchema = z.object({
  question_id: idSchema,
  answers: answersSchema,
  question_type: z.string().optional(),
  answer_type: z.string().optional(),
});
type Annotation = z.output<typeof annotationSchema>;

/** Annotations by question, kept on disk until their questions come by: the two files may be in any order. */
class AnnotationStore implements Disposable {
  // SQLite makes a database without a name in a temporary file, which goes away with it.
  readonly #database = new DatabaseSync('');
  readonly #insert;
  readonly #find;
  /** By row, from 1. */
  readonly #used: boolean[] = [true];

  constructor() {
    this.#database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    this.#database.exec(`CREATE TABLE annotations (
      id INTEGER PRIMARY KEY, question TEXT UNIQUE, line INTEGER, annotation TEXT
    )`);
    this.#insert = this.#database.prepare('INSERT OR IGNORE INTO annotations VALUES (?, ?, ?, ?)');
    this.#find = this.#database.prepare('SELECT id, annotation FROM annotations WHERE question = ?');
    this.#database.exec('BEGIN');
  }

  /** False when that question already has one. */
  put(annotation: Annotation, line: number): boolean {
    const id = this.#used.length;
    const { changes } = this.#insert.run(id, annotation.question_id, line, JSON.stringify(annotation));
    if (changes === 1) this.#used.push(false);
    return changes === 1;
  }

  use(question: string): Annotation | undefined {
    const row = this.#find.get(question);
    if (row === undefined) return undefined;
    this.#used[row.id as number] = true;
    return JSON.parse(row.annotation as string);
  }

  *unused(): Generator<{ question: string; line: number }> {
    const find = this.#database.prepare('SELECT question, line FROM annotations WHERE id = ?');
    for (let id = this.#used.indexOf(false); id !== -1; id = this.#used.indexOf(false, id + 1)) {
      yield find.get(id) as { question: string; line: number };
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** The ids of the first questions: a sample needs the annotations of these. */
async function firstQuestions(file: string, sample: number, options: ReadOptions): Promise<Set<string>> {
  const ids = new Set<string>();
  let count = 0;
  for await (const { value } of readJsonArrays(file, ['questions'], options)) {
    const { data } = questionSchema.safeParse(value);
    if (data !== undefined) ids.add(data.question_id);
    count += 1;
    if (count === sample) break;
  }
  return ids;
}

/** `wanted`: the questions whose annotations are read; undefined: all. */
async function* readAnnotations(
  file: string,
  into: AnnotationStore,
  wanted: Set<string> | undefined,
  options: ReadOptions,
): AsyncGenerator<RefusedRecord> {
  for await (const { value, line } of readJsonArrays(file, ['annotations'], options)) {
    if (wanted?.size === 0) return;
    const place = { file, line };
    const result = annotationSchema.safeParse(value);
    if (wanted !== undefined && !(result.success && wanted.delete(result.data.question_id))) continue;
    const item = titleOf('annotation', value, 'question_id', line);
    if (!result.success) {
      yield malformed(item, result.error, place);
    } else if (result.data.answers.length === 0) {
      yield { kind: 'refused', item, code: 'no-answers', reason: 'The annotation has no answers', place };
    } else if (!into.put(result.data, line)) {
      const reason = 'Another annotation of the same question came before';
      yield { kind: 'refused', item, code: 'duplicate-id', reason, place };
    }
  }
}

/** Questions joined with their annotations; without an annotations file they come without references. */
export async function* importVqaV2(source: Source, options: ImporterOptions): AsyncGenerator<SourceRecord> {
  const [questionsFile, annotationsFile] = source.files as [string, string?];
  using annotations = new AnnotationStore();
  if (annotationsFile !== undefined) {
    const wanted = options.sample && (await firstQuestions(questionsFile, options.sample, options));
    yield* readAnnotations(annotationsFile, annotations, wanted || undefined, options);
  }
  let count = 0;
  for await (const { value, line } of readJsonArrays(questionsFile, ['questions'], options)) {
    count += 1;
    const place = { file: questionsFile, line };
    const result = questionSchema.safeParse(value);
    const item = titleOf('question', value, 'question_id', line);
    if (!result.success) {
      yield malformed(item, result.error, place);
      continue;
    }
    const { question_id: id, image_id: key, question } = result.data;
    const annotation = annotations.use(id);
    if (annotation === undefined && annotationsFile !== undefined) {
      const reason = 'No usable annotation belongs to this question';
      yield { kind: 'refused', item, code: 'no-annotation', reason, place };
      continue;
    }
    yield {
      kind: 'question',
      id,
      image: { key, names: [] },
      question,
      answers: annotation?.answers ?? [],
      answerType: annotation?.answer_type,
      questionType: annotation?.question_type,
      place,
    } satisfies QuestionRecord;
    if (count === options.sample) return;
  }
  if (count === 0) {
    throw new DeptError('bad-file', 'The questions file holds no questions', {
      path: questionsFile,
      expected: 'a list "questions" with at least one record',
    });
  }
  for (const { question, line } of annotations.unused()) {
    const reason = 'No question has this id';
    const place = { file: annotationsFile!, line };
    yield { kind: 'refused', item: `annotation ${question}`, code: 'no-question', reason, place };
  }
}
