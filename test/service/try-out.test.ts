/** The playground on a small home: what it writes, where it looked, what it keeps open, what it refuses. */
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TrainResult } from '../../engine/contract/calls.ts';
import { type TryOnFile, type TryResult, tryRequestSchema, tryResultSchema } from '../../engine/contract/try-out.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { Session } from '../../engine/runtime/session.ts';
import { openService } from '../../engine/service/service.ts';
import { TryOut } from '../../engine/service/try-out.ts';
import { Writer } from '../../engine/service/writer.ts';
import { modelsFolder } from '../../engine/weights/library.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
const tryOut = new TryOut(home);
let caption: TrainResult;
let vqa: TrainResult;
let another: TrainResult;
let pictures: string[];

beforeAll(async () => {
  await fillHome(home);
  caption = await service.train(configFor('caption'));
  vqa = await service.train(configFor('vqa'));
  another = await service.train(configFor('caption', { steps: 4, evaluation: { every: 2, limit: 1, beams: 1 } }));
  using dataset = openDataset(home, 'small');
  pictures = Array.from(dataset.images('test'), ({ path }) => path);
});
afterAll(() => tryOut[Symbol.asyncDispose]());
afterEach(() => {
  vi.restoreAllMocks();
});

/** A request as the contract completes it, for a picture file. */
function request(run: TrainResult, changes: Partial<TryOnFile> = {}): TryOnFile {
  const { picture: _, ...rest } = tryRequestSchema.parse({ run: run.run, picture: { upload: 'none' } });
  return { ...rest, image: pictures[0]!, ...changes };
}

const question = 'how many shapes are there?';
const asked = (changes: Partial<TryOnFile> = {}): TryOnFile => request(vqa, { question, ...changes });
const untimed = ({ seconds: _, ...result }: TryResult): Omit<TryResult, 'seconds'> => result;
const refused = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });

/** What must hold of every result with attention. */
function expectWords({ text, words, grid }: TryResult): void {
  expect(words.map((word) => word.text).join(' ')).toBe(text);
  for (const { attention, share } of words) {
    expect(attention).toHaveLength(grid.rows * grid.columns);
    expect(attention.every((value) => value >= 0)).toBe(true);
    expect(attention.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  }
}

describe('a caption run', () => {
  test('writes what `caption` writes, and next to it what the search had beside it', async () => {
    const decoding = { beams: 3, minLength: 6 };
    const result = await tryOut.answer(request(caption, { decoding, answers: 3 }));
    const common = { run: caption.run, checkpoint: 'best', images: [pictures[0]!] } as const;
    const [expected] = await service.caption({ ...common, decoding });
    expect(result).toMatchObject({ run: caption.run, task: 'caption', text: expected!.caption, cut: false });
    expect(result.step).toBe(caption.best!.step);
    expect(result.answers[0]!.text).toBe(result.text);
    expect(result.answers).toHaveLength(3);
    const scores = result.answers.map(({ score }) => score!);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(result.grid).toEqual({ rows: 8, columns: 8 });
    expect(result.words.length).toBeGreaterThan(2);
    expectWords(result);
    expect(tryResultSchema.parse(result)).toEqual(result);
  });

  test('says how it generated, in the terms of the config', async () => {
    const plain = await tryOut.answer(request(caption, { answers: 4, attention: false }));
    expect(plain.words).toEqual([]);
    const model = { minLength: 0, lengthPenalty: 1, earlyStopping: false, noRepeatNgram: 0, repetitionPenalty: 1 };
    expect(plain.decoding).toEqual({ ...model, beams: 4, maxLength: 12 });
    const decoding = { beams: 2, maxLength: 9, minLength: 5, lengthPenalty: 0, noRepeatNgram: 2 } as const;
    const other = await tryOut.answer(request(caption, { decoding, attention: false }));
    expect(other.decoding).toEqual({ ...model, ...decoding });
  });

  test('tells probabilities where the rules leave the model its own', async () => {
    const ask = async (lengthPenalty: number): Promise<TryResult['answers']> =>
      (await tryOut.answer(request(caption, { answers: 5, attention: false, decoding: { lengthPenalty } }))).answers;
    const plain = await ask(0);
    for (const { score, probability } of plain) expect(probability).toBeCloseTo(Math.exp(score!), 12);
    expect(plain.reduce((sum, { probability }) => sum + probability!, 0)).toBeLessThanOrEqual(1);
    const known = new Map(plain.map(({ text, probability }) => [text, probability!]));
    const shared = (await ask(1)).filter(({ text }) => known.has(text));
    expect(shared.length).toBeGreaterThan(0);
    for (const { text, probability } of shared) expect(probability! / known.get(text)!).toBeCloseTo(1, 4);
    const ruled = await tryOut.answer(request(caption, { decoding: { minLength: 4 }, attention: false }));
    expect(ruled.answers[0]!.probability).toBeUndefined();
  });

  test('has no score where the rules banned every token', async () => {
    const answers = vi.spyOn(Writer.prototype, 'answers');
    await tryOut.answer(request(caption, { attention: false }));
    const found = await answers.mock.results[0]!.value;
    answers.mockResolvedValueOnce({ ...found, answers: [{ ids: [0], score: Number.NEGATIVE_INFINITY }] });
    const decoding = { beams: 1, noRepeatNgram: 1 };
    const result = await tryOut.answer(request(caption, { decoding, attention: false }));
    expect(result.answers).toEqual([{ text: '', score: null }]);
  });
});

describe('a VQA run', () => {
  test('answers as `ask` does, greedily', async () => {
    const result = await tryOut.answer(asked());
    const expected = await service.ask({ run: vqa.run, checkpoint: 'best', image: pictures[0]!, question });
    expect(result).toMatchObject({ task: 'vqa', text: expected.answer, decoding: { beams: 2 } });
    const greedy = await tryOut.answer(asked({ decoding: { beams: 1 } }));
    expect(greedy.answers).toEqual([
      { text: greedy.text, score: expect.any(Number), probability: Math.exp(greedy.answers[0]!.score!) },
    ]);
    expectWords(result);
    expectWords(greedy);
  });

  test('says when the end of a question was not read', async () => {
    const long = `${question} ${'and how many squares '.repeat(10)}`;
    expect(await tryOut.answer(asked({ question: long }))).toMatchObject({ cut: true });
    expect(await tryOut.answer(asked())).toMatchObject({ cut: false });
  });
});

describe('what is kept open', () => {
  test('a second question opens nothing and is answered the same', async () => {
    const first = await tryOut.answer(asked({ image: pictures[1]! }));
    const opened = vi.spyOn(Session, 'create');
    expect(untimed(await tryOut.answer(asked({ image: pictures[1]! })))).toEqual(untimed(first));
    await tryOut.answer(asked({ image: pictures[2]!, decoding: { beams: 3, maxLength: 5 }, checkpoint: 'last' }));
    expect(opened).not.toHaveBeenCalled();
  });

  test('two runs at once, then the one that was used longest ago makes room; nothing stays behind', async () => {
    const opened = vi.spyOn(Session, 'create');
    const released = vi.spyOn(Session.prototype, 'release');
    const own = new TryOut(home, 1);
    const [one, two] = await Promise.all([own.answer(request(caption)), own.answer(asked())]);
    const both = opened.mock.calls.length;
    expect(untimed(await own.answer(request(caption)))).toEqual(untimed(one!));
    expect(opened).toHaveBeenCalledTimes(both);
    expect(released).not.toHaveBeenCalled();
    const [before, gone] = [opened.mock.calls.length, released.mock.calls.length];
    await own.answer(request(another));
    expect(released.mock.calls.length - gone).toBe(both / 2);
    expect(opened.mock.calls.length - before).toBe(both / 2);
    expect(untimed(await own.answer(asked()))).toEqual(untimed(two!));
    expect(opened.mock.calls.length - before).toBe(both);
    await own[Symbol.asyncDispose]();
    expect(released.mock.calls.length).toBe(opened.mock.calls.length);
  });

  test('a checkpoint that was written anew is read anew', async () => {
    const checkpoint = (step: number): string =>
      join(another.folder, 'checkpoints', String(step), 'adapter_model.safetensors');
    const answer = (step: number): Promise<TryResult> =>
      tryOut.answer(request(another, { checkpoint: step, decoding: { minLength: 5, lengthPenalty: 0 } }));
    const [early, late] = [await answer(3), await answer(4)];
    expect(late.answers).not.toEqual(early.answers);
    copyFileSync(checkpoint(3), checkpoint(4));
    expect(untimed(await answer(4))).toEqual({ ...untimed(early), step: 4 });
  });

  test('models that went are not used on, and found again when they are back', async () => {
    const before = await tryOut.answer(asked());
    const folder = join(modelsFolder(home), 't5');
    renameSync(folder, join(home, 'elsewhere'));
    await expect(tryOut.answer(asked())).rejects.toEqual(refused('not-found', /no model 't5'/));
    renameSync(join(home, 'elsewhere'), folder);
    expect(untimed(await tryOut.answer(asked()))).toEqual(untimed(before));
  });
});

describe('refused', () => {
  test.each([
    ['a question to a caption run', () => request(caption, { question }), 'bad-input', /writes captions/],
    ['no question to a VQA run', () => request(vqa), 'bad-input', /answers questions/],
    ['an empty question', () => asked({ question: '  ' }), 'bad-input', /answers questions/],
    ['a run that is not there', () => asked({ run: 'none' }), 'not-found', /no run 'none'/],
    ['a checkpoint that is not there', () => asked({ checkpoint: 5 }), 'not-found', /no checkpoint '5'/],
    ['a picture that is not there', () => asked({ image: join(home, 'no.png') }), 'not-found', /no such image/],
    ['a file that is no picture', () => asked({ image: join(home, 'notes.png') }), 'bad-file', /cannot be decoded/],
    [
      'lengths that contradict',
      () => asked({ decoding: { minLength: 9, maxLength: 5 } }),
      'bad-config',
      /minimum length cannot be above/,
    ],
  ])('%s', async (_, wrong, code, words) => {
    writeFileSync(join(home, 'notes.png'), 'no picture');
    await expect(tryOut.answer(wrong())).rejects.toEqual(refused(code, words));
  });

  test('what is stopped stops between two steps, and does not stop the next', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stopped = tryOut.answer(asked(), { signal });
    const waiting = tryOut.answer(asked(), { signal });
    const next = tryOut.answer(asked());
    controller.abort();
    await expect(stopped).rejects.toEqual(refused('cancelled', /stopped/));
    await expect(waiting).rejects.toEqual(refused('cancelled', /stopped/));
    expect((await next).run).toBe(vqa.run);
    const late = new AbortController();
    const run = vi.spyOn(Session.prototype, 'run').mockImplementationOnce(async function (this: Session, feeds) {
      late.abort();
      return await this.run(feeds);
    });
    const image = pictures[3]!;
    await expect(tryOut.answer(asked({ image }), { signal: late.signal })).rejects.toEqual(
      refused('cancelled', /stopped/),
    );
    expect(run).toHaveBeenCalledTimes(2); // the picture's, through the mock: nothing after it
  });
});

describe('the contract', () => {
  const plain = { run: 'one', picture: { dataset: 'small', image: 'test/1' } };

  test('fills in what a page leaves out, and nothing of the run', () => {
    const complete = { ...plain, checkpoint: 'best', decoding: {}, answers: 1, attention: true };
    expect(tryRequestSchema.parse(plain)).toEqual(complete);
    const decoding = { lengthPenalty: null, maxLength: 30 };
    expect(tryRequestSchema.parse({ ...plain, decoding })).toEqual({ ...complete, decoding });
  });

  test.each([
    { picture: { path: '/etc/passwd' } },
    { picture: { upload: 'a', path: '/etc/passwd' } },
    { answers: 11 },
    { decoding: { beams: 101 } },
    { decoding: { width: 2 } },
    { question: 'a'.repeat(2001) },
  ])('does not take %o', (wrong) => {
    expect(tryRequestSchema.safeParse({ ...plain, ...wrong }).success).toBe(false);
  });
});
