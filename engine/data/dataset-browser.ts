/** Pages of a dataset's pictures by filters, and counts of its answers: fast enough to scroll and type by. */
import type { SQLInputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { Dataset, openIndex } from './dataset.ts';
import { type DatasetInfo, datasetFolder } from './dataset-info.ts';
import { upgradeIndex } from './draft.ts';
import { type IdList, idListOf, keep, unite, within } from './id-lists.ts';
import type { IndexReader, Row } from './index-reader.ts';
import { INDEX_VERSION, SPLIT_STRIDE, searchQuery } from './index-schema.ts';
import { imageIdOf } from './items.ts';
import { PictureLooks } from './picture-looks.ts';

/** What a picture must meet; the filters on questions, and `text` beside them, are met by one and the same question. */
export interface BrowseFilter {
  /** Words or beginnings of words, all in one caption, or in one question with its answers; without any: no filter. */
  readonly text?: string | undefined;
  readonly answerType?: string | undefined;
  readonly questionType?: string | undefined;
  /** Given to a question by somebody, exactly so. */
  readonly answer?: string | undefined;
  readonly has?: 'captions' | 'questions' | 'nothing' | undefined;
}

export interface BrowseRequest extends BrowseFilter {
  /** All splits by default. */
  readonly split?: string | undefined;
  readonly limit: number;
  readonly offset?: number | undefined;
}

export interface BrowsedImage {
  readonly id: string;
  readonly key: string;
  readonly split: string;
  readonly width?: number;
  readonly height?: number;
  /** The first caption, or else the first question. */
  readonly label?: string;
  /** At a glance, in base64: width, height, and the colours of its pixels, one byte each. Missing until it is made. */
  readonly look?: string;
  readonly captions: number;
  readonly questions: number;
}

export interface Counted {
  readonly value: string;
  readonly count: number;
}

/** Results of filters that are kept: paging through one of them then costs nothing. */
const KEPT_RESULTS = 8;

const CARD = `SELECT id, split, key, width, height,
    (SELECT count(*) FROM captions WHERE image = images.id) AS captions,
    (SELECT count(*) FROM questions WHERE image = images.id) AS questions,
    coalesce((SELECT caption FROM captions WHERE image = images.id ORDER BY id LIMIT 1),
      (SELECT question FROM questions WHERE image = images.id ORDER BY id LIMIT 1)) AS label
  FROM images`;

/** Shares the dataset's index and its life. `folder` is the dataset's. */
export class DatasetBrowser implements Disposable {
  readonly dataset: Dataset;
  readonly looks: PictureLooks;
  readonly #index: IndexReader;
  /** By filter, least recently used first. */
  readonly #results = new Map<string, Promise<IdList>>();

  constructor(info: DatasetInfo, index: IndexReader, folder: string) {
    this.dataset = new Dataset(info, index);
    this.looks = PictureLooks.of(folder, info.index);
    this.#index = index;
  }

  get info(): DatasetInfo {
    return this.dataset.info;
  }

  /** One page in the order of the source, split by split, and the number of all. Throws `not-found` for a split. */
  async browse({
    split,
    limit,
    offset = 0,
    ...filter
  }: BrowseRequest): Promise<{ total: number; images: BrowsedImage[] }> {
    const [from, to] = this.#rangeOf(split);
    if (isEmpty(filter)) {
      const total = split === undefined ? this.#imagesOfAllSplits() : this.dataset.imageCount(split);
      const sql = `${CARD} WHERE id >= ? AND id < ? ORDER BY id LIMIT ? OFFSET ?`;
      return { total, images: this.#cards(sql, from, to, limit, offset) };
    }
    const found = within(await this.#find(filter), from, to);
    const page = JSON.stringify([...found.subarray(offset, offset + limit)]);
    const sql = `${CARD} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`;
    return { total: found.length, images: this.#cards(sql, page) };
  }

  /** How often answers were given, as annotated, most frequent first. Throws `not-found` for a split. */
  answers({
    split,
    answerType = '',
    limit,
  }: {
    split?: string | undefined;
    answerType?: string | undefined;
    limit: number;
  }) {
    const key = [split === undefined ? 0 : this.dataset.splitId(split), answerType];
    const where = 'FROM answer_counts WHERE answer_counts.split = ? AND answer_type = ?';
    const sums = this.#index.get(`SELECT count(*) AS "distinct", total(count) AS total ${where}`, ...key);
    const { distinct, total } = sums as { distinct: number; total: number };
    const sql = `SELECT answers.answer AS value, count
        FROM (SELECT answer AS id, count ${where} ORDER BY count DESC, answer LIMIT ?) JOIN answers USING (id)
        ORDER BY count DESC, id`;
    const top = this.#index.all(sql, ...key, limit);
    return { total, distinct, top: top.map(countedOf) };
  }

  /** The types that the source gives its answers or questions, most frequent first. */
  types(kind: 'answer' | 'question'): Counted[] {
    const sql = 'SELECT value, count FROM type_counts WHERE kind = ? ORDER BY count DESC, value';
    return this.#index.all(sql, kind).map(countedOf);
  }

  close(): void {
    this.looks[Symbol.dispose]();
    this.dataset.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #imagesOfAllSplits(): number {
    return Object.values(this.info.splits).reduce((sum, { images }) => sum + images, 0);
  }

  #rangeOf(split: string | undefined): readonly [from: number, to: number] {
    if (split === undefined) return [0, Number.MAX_SAFE_INTEGER];
    const from = this.dataset.splitId(split) * SPLIT_STRIDE;
    return [from, from + SPLIT_STRIDE];
  }

  /** All splits' images that pass. Requests for the same share one search. */
  #find(filter: BrowseFilter): Promise<IdList> {
    const { text, answerType, questionType, answer, has } = filter;
    const key = JSON.stringify([searchQuery(text ?? ''), answerType, questionType, answer, has]);
    let result = this.#results.get(key);
    if (result === undefined) {
      result = this.#search(filter);
      result.catch(() => this.#results.delete(key));
    }
    this.#results.delete(key);
    this.#results.set(key, result);
    if (this.#results.size > KEPT_RESULTS) this.#results.delete(this.#results.keys().next().value!);
    return result;
  }

  /** In steps of some 50 ms at a hundred thousand images, with a turn of the event loop after each. */
  async #search(filter: BrowseFilter): Promise<IdList> {
    const query = searchQuery(filter.text ?? '');
    const ofQuestions = await this.#questionFilter(filter);
    let found: IdList | undefined;
    if (ofQuestions !== undefined) {
      const matching =
        query && (await this.#ids('SELECT rowid AS id FROM question_words WHERE question_words MATCH ?', query));
      found = await this.#imagesOf(matching ? keep(ofQuestions, matching, true) : ofQuestions);
    } else if (query !== undefined) {
      found = unite(await this.#imagesWith('caption', query), await this.#imagesWith('question', query));
    }
    if (filter.has === undefined) return found!;
    const withCaptions = () => this.#ids('SELECT DISTINCT image AS id FROM captions');
    const withQuestions = () => this.#ids('SELECT DISTINCT image AS id FROM questions');
    if (filter.has !== 'nothing') {
      const having = await (filter.has === 'captions' ? withCaptions() : withQuestions());
      return found === undefined ? having : keep(found, having, true);
    }
    found ??= await this.#ids('SELECT id FROM images');
    return keep(keep(found, await withCaptions(), false), await withQuestions(), false);
  }

  /** The questions that meet the filters on questions; undefined where there are none. */
  async #questionFilter({ answerType, questionType, answer }: BrowseFilter): Promise<IdList | undefined> {
    const given = 'SELECT question AS id FROM answered WHERE answer = (SELECT id FROM answers WHERE answer = ?)';
    const filters = [
      ['SELECT id FROM questions WHERE answer_type = ?', answerType],
      ['SELECT id FROM questions WHERE question_type = ?', questionType],
      [given, answer],
    ] as const;
    let found: IdList | undefined;
    for (const [sql, value] of filters) {
      if (value === undefined) continue;
      const ids = await this.#ids(sql, value);
      found = found === undefined ? ids : keep(found, ids, true);
    }
    return found;
  }

  #imagesOf(questions: IdList): Promise<IdList> {
    const sql = 'SELECT image AS id FROM json_each(?) CROSS JOIN questions ON questions.id = value';
    return this.#ids(sql, JSON.stringify([...questions]));
  }

  /** The images of the captions, or of the questions, that a search finds. */
  #imagesWith(text: 'caption' | 'question', query: string): Promise<IdList> {
    const sql = `SELECT image AS id FROM ${text}_words CROSS JOIN ${text}s ON ${text}s.id = ${text}_words.rowid
      WHERE ${text}_words MATCH ?`;
    return this.#ids(sql, query);
  }

  /** The ids that a query gives. They cross over from SQLite as one text: several times as fast as row by row. */
  async #ids(sql: string, ...values: SQLInputValue[]): Promise<IdList> {
    await setImmediate();
    const { ids } = this.#index.get(`SELECT json_group_array(id) AS ids FROM (${sql})`, ...values)!;
    return idListOf(this.#index.json(ids) as number[]);
  }

  #cards(sql: string, ...values: SQLInputValue[]): BrowsedImage[] {
    return this.#index.all(sql, ...values).map(({ key, width, height, label, captions, questions, ...row }) => {
      const split = this.dataset.splitName(row.split as number);
      const look = this.looks.read(row.id as number);
      return {
        id: imageIdOf(split, key as string),
        key: key as string,
        split,
        ...(width !== null && { width: width as number, height: height as number }),
        ...(label !== null && { label: label as string }),
        ...(look !== undefined && { look: Buffer.from(look).toString('base64') }),
        captions: captions as number,
        questions: questions as number,
      };
    });
  }
}

/** Brings an index of an earlier version up to date first. Throws as `openDataset`. */
export async function openBrowser(home: string, name: string): Promise<DatasetBrowser> {
  const folder = datasetFolder(home, name);
  let { info, index } = openIndex(home, name);
  const { user_version: version } = index.get('PRAGMA user_version') as { user_version: number };
  if (version < INDEX_VERSION) {
    index.close();
    await upgradeIndex(folder, info);
    ({ info, index } = openIndex(home, name));
  }
  return new DatasetBrowser(info, index, folder);
}

function isEmpty({ text, answerType, questionType, answer, has }: BrowseFilter): boolean {
  return (
    searchQuery(text ?? '') === undefined &&
    [answerType, questionType, answer, has].every((value) => value === undefined)
  );
}

function countedOf({ value, count }: Row): Counted {
  return { value: value as string, count: count as number };
}
