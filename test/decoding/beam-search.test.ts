import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BeamRules, BeamSearch } from '../../engine/decoding/beam-search.ts';

const EOS = 1;
const rules: BeamRules = { beams: 2, maxLength: 4, lengthPenalty: 1, earlyStopping: false, eosId: EOS };

/** A step's score table: for each running beam, id -> log-probability; the likeliest first as `advance` asks. */
type Table = readonly Readonly<Record<number, number>>[];

function advance(search: BeamSearch, table: Table): void {
  search.advance(
    table.map((scores) =>
      Object.entries(scores)
        .map(([id, logProbability]) => ({ id: Number(id), logProbability }))
        .sort((a, b) => b.logProbability - a.logProbability || a.id - b.id),
    ),
  );
}

function searchOf(tables: readonly Table[], changes: Partial<BeamRules> = {}): BeamSearch {
  const search = new BeamSearch({ ...rules, ...changes });
  for (const table of tables) {
    expect(search.done).toBe(false);
    advance(search, table);
  }
  return search;
}

const running = (search: BeamSearch): unknown => search.running.map(({ ids, origin }) => [ids.join(' '), origin]);
const answers = (search: BeamSearch): unknown => search.best(9).map(({ ids, score }) => [ids.join(' '), score]);
const f32 = Math.fround;

const first: Table = [{ 5: -1, 6: -2, 7: -3, 8: -4 }];

describe('which beams go on', () => {
  test('the best of all continuations, wherever they come from', () => {
    const search = searchOf([
      first,
      [
        { 5: -4, 6: -5, 7: -6, 8: -7 },
        { 5: -1, 6: -2.5, 7: -9, 8: -9 },
      ],
    ]);
    expect(running(search)).toEqual([
      ['6 5', 1],
      ['6 6', 1],
    ]);
    expect(search.running.map(({ logProbability }) => logProbability)).toEqual([-3, -4.5]);
  });

  test('ties: the earlier beam first, then the lower id', () => {
    expect(running(searchOf([[{ 9: -1, 7: -1, 8: -1, 5: -1 }]]))).toEqual([
      ['5', 0],
      ['7', 0],
    ]);
    const tied = searchOf([
      [{ 5: -1, 6: -1, 7: -9, 8: -9 }],
      [
        { 8: -1, 9: -2 },
        { 3: -1, 4: -1 },
      ],
    ]);
    expect(running(tied)).toEqual([
      ['5 8', 0],
      ['6 3', 1],
    ]);
  });

  test('an ended beam makes room for the next that runs', () => {
    const search = searchOf([[{ [EOS]: -0.5, 5: -1, 6: -2, 7: -3 }]]);
    expect(answers(search)).toEqual([['1', -0.5]]);
    expect(running(search)).toEqual([
      ['5', 0],
      ['6', 0],
    ]);
  });

  test('all beams end in one step: what stood behind them goes on, though it can improve nothing', () => {
    const search = searchOf([first, Array(2).fill({ [EOS]: -0.1, 5: -3, 6: -4 }) as Table]);
    expect(running(search)).toEqual([
      ['5 5', 0],
      ['5 6', 0],
    ]);
    expect(search.done).toBe(true);
  });
});

test('sums are float32: what is equal there is a tie', () => {
  const step = 2 ** -24; // lost beside 2: id 9 is the likelier one, but not by as much as counts
  const table: Table = [{ 9: -1 + step, 7: -1, 5: -3, 6: -3 }];
  expect(running(searchOf([[{ 5: -1, 6: -40, 7: -41, 8: -42 }], [...table, { 5: -9, 6: -9, 7: -9, 8: -9 }]]))).toEqual([
    ['5 7', 0],
    ['5 9', 0],
  ]);
});

describe('where there are fewer ids than places', () => {
  test('beams that nobody wants fill the places, and go as soon as others come', () => {
    const forced: Table = [{ 7: 0, 5: -Infinity, 6: -Infinity, 8: -Infinity }];
    const search = searchOf([forced]);
    expect(running(search)).toEqual([
      ['7', 0],
      ['7', 0],
    ]);
    expect(search.running.map(({ logProbability }) => logProbability)).toEqual([0, -1e9]);
    advance(search, Array(2).fill({ 5: -1, 6: -2, 7: -3, 8: -4 }) as Table);
    expect(running(search)).toEqual([
      ['7 5', 0],
      ['7 6', 0],
    ]);
    expect(search.done).toBe(false);
  });

  test('they are no answers', () => {
    const forced: Table = [{ [EOS]: 0, 5: -Infinity, 6: -Infinity, 7: -Infinity }];
    expect(answers(searchOf([forced], { maxLength: 1 }))).toEqual([['1', 0]]);
  });

  test('nothing but banned ids: the search is done, without an answer', () => {
    const search = searchOf([[{ [EOS]: -Infinity, 5: -Infinity, 6: -Infinity, 7: -Infinity }]]);
    expect(search.done).toBe(true);
    expect(answers(search)).toEqual([]);
  });
});

describe('which answers are finished', () => {
  test('an end behind the first candidates does not count', () => {
    const search = searchOf([[{ 5: -1, 6: -2, [EOS]: -3, 7: -4 }]]);
    expect(answers(search)).toEqual([]);
    expect(running(search)).toEqual([
      ['5', 0],
      ['6', 0],
    ]);
  });

  test('the score is the sum over length^penalty, the end id counted', () => {
    const tables = [
      first,
      [
        { [EOS]: -3, 5: -9, 6: -9, 7: -9 },
        { 5: -9, 6: -9, 7: -9, 8: -9 },
      ],
    ];
    for (const lengthPenalty of [0, 1, 0.6, -1]) {
      const [answer] = searchOf(tables, { lengthPenalty }).best(1);
      expect(answer).toEqual({ ids: [5, EOS], score: f32(-4 / f32(2 ** lengthPenalty)) });
    }
  });

  test('at the limit what runs is finished too, and the search is done', () => {
    const search = searchOf(
      [
        first,
        [
          { [EOS]: -1, 5: -2 },
          { 6: -2, 7: -3 },
        ],
      ],
      { maxLength: 2 },
    );
    expect(search.done).toBe(true);
    expect(answers(search)).toEqual([
      ['5 1', -1],
      ['5 5', -1.5],
    ]);
  });

  test('a better one displaces the worst; of equal ones the older stays', () => {
    const search = searchOf([
      [{ [EOS]: -2, 5: -0.5, 6: -9, 7: -9 }],
      [
        { [EOS]: -3.5, 5: -0.1, 6: -9 },
        { 6: -9, 7: -9 },
      ], // 5 EOS: -4 / 2 = -2 = EOS alone
      [
        { [EOS]: -0.1, 5: -0.2, 6: -9 },
        { 6: -9, 7: -9 },
      ],
    ]);
    expect(answers(search)).toEqual([
      ['5 5 1', f32(f32(f32(-0.5 - 0.1) - 0.1) / 3)],
      ['1', -2],
    ]);
  });
});

describe('when to stop', () => {
  const begun: Table = [{ 5: -0.5, [EOS]: -2, 6: -3, 7: -9 }]; // one answer, score -2
  const filled: Table = [
    { [EOS]: -0.25, 5: -0.5, 6: -9 }, // a second answer, score -0.75 / 2; 5 5 runs at -1 / 2
    { 5: -9, 6: -9, 7: -9 },
  ];

  test('early stopping: at `beams` answers', () => {
    expect(searchOf([begun], { earlyStopping: true }).done).toBe(false);
    const search = searchOf([begun, filled], { earlyStopping: true });
    expect(search.done).toBe(true);
    expect(answers(search)).toEqual([
      ['5 1', -0.375],
      ['1', -2],
    ]);
  });

  test('otherwise: once the best running beam, as long as it is, is no better than the worst answer', () => {
    expect(searchOf([begun, filled]).done).toBe(false);
    const scores = { 5: -8, 6: -9, 7: -9 };
    const then = (best: number): BeamSearch => searchOf([begun, filled, [{ 4: best, ...scores }, scores]]);
    expect(then(-4.5).done).toBe(false);
    expect(then(-5).done).toBe(true); // (-1 - 5) / 3 = -2
    expect(then(-5.5).done).toBe(true);
  });

  test("never: once the best running beam can win at no length that a longer one's score could have", () => {
    const isDone = (sum: number, lengthPenalty: number): boolean => {
      const changes = { beams: 1, maxLength: 10, earlyStopping: 'never', lengthPenalty } as const;
      return searchOf([[{ [EOS]: -2, 5: sum, 6: -99 }]], changes).done;
    };
    expect(isDone(-19.9, 1)).toBe(false); // -1.99 at 10 ids
    expect(isDone(-20, 1)).toBe(true);
    expect(isDone(-2 * Math.sqrt(10) + 0.1, 0.5)).toBe(false);
    expect(isDone(-2 * Math.sqrt(10) - 0.1, 0.5)).toBe(true);
    expect(isDone(-2.1, 0)).toBe(true);
    expect(isDone(-2.1, -1)).toBe(true);
  });

  test('otherwise: not before there are `beams` answers, however bad what runs is', () => {
    const bad: Table = [
      { 5: -50, 6: -60 },
      { 5: -50, 6: -60 },
    ];
    const search = searchOf([[{ [EOS]: -0.1, 5: -50, 6: -50, 7: -60 }], bad]);
    expect(search.done).toBe(false);
    expect(search.best(2)).toHaveLength(1);
  });
});

test('a search as wide as the tree finds the best of all answers', () => {
  const score = fc.integer({ min: -40, max: 0 }).map((value) => value / 8);
  fc.assert(
    fc.property(fc.array(score, { minLength: 39, maxLength: 39 }), (scores) => {
      // 3 ids, answers of up to 3: the score of an id depends on all before it
      const logProbability = (ids: readonly number[]): number =>
        scores[ids.reduce((code, id) => 3 * code + id + 1, 0) - 1]!;
      const total = (ids: readonly number[]): number =>
        ids.reduce((sum, _, i) => sum + logProbability(ids.slice(0, i + 1)), 0);
      const search = new BeamSearch({ ...rules, beams: 27, maxLength: 3, lengthPenalty: 0 });
      while (!search.done) {
        search.advance(
          search.running.map(({ ids }) =>
            [0, EOS, 2].map((id) => ({ id, logProbability: logProbability([...ids, id]) })),
          ),
        );
      }
      const grow = (ids: number[]): number[][] =>
        ids.at(-1) === EOS || ids.length === 3 ? [ids] : [0, EOS, 2].flatMap((id) => grow([...ids, id]));
      const best = Math.max(...grow([]).map(total));
      expect(search.best(1)[0]!.score).toBeCloseTo(best, 10);
    }),
  );
});
