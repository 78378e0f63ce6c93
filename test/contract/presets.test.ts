/** Every preset is a config once its dataset (and its models) are named, and every card speaks of a preset. */
import { describe, expect, test } from 'vitest';
import { deptCount, solveRank } from '../../engine/contract/budget.ts';
import { layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presetCards, presets } from '../../engine/contract/presets.ts';
import type { Task } from '../../engine/contract/train-config.ts';

test.each(presetCards)('$title', ({ preset, task, models }) => {
  const own = presets[preset](task);
  const named = models === undefined ? {} : { vision: { model: 'clip' }, language: { model: 't5' } };
  const config = parseTrainConfig(layOver({ ...named, dataset: { name: 'd' } }, { ...own }));
  expect(config.task).toBe(task);
  expect(config).toMatchObject(own);
});

test('there is a card for every preset and task', () => {
  const cards = presetCards.map(({ preset, task }) => `${preset} ${task}`);
  expect(cards.sort()).toEqual(
    Object.keys(presets)
      .flatMap((name) => [`${name} caption`, `${name} vqa`])
      .sort(),
  );
});

describe("the paper's preset has the largest rank within the budget of a prompt of 100 tokens", () => {
  const counted = (task: Task, width?: number) => {
    const { method, maxTextLength } = presets.paper(task, width);
    const count = (rank: number) =>
      deptCount({ width: width ?? 768, textLength: maxTextLength }, method.promptLength, rank);
    return { ...method, maxTextLength, values: count(method.rank), next: count(method.rank + 1) };
  };

  test('for 20 tokens of a question and the 3 of a caption, on T5-base', () => {
    expect(counted('vqa')).toMatchObject({ promptLength: 20, rank: 77, maxTextLength: 20, values: 76_036 });
    expect(counted('caption')).toMatchObject({ promptLength: 20, rank: 79, maxTextLength: 3, values: 76_269 });
  });

  test.each([512, 768, 1024, 2048, 4096])('d = %i', (width) => {
    for (const task of ['vqa', 'caption'] as const) {
      const { values, next } = counted(task, width);
      expect(values).toBeLessThanOrEqual(100 * width);
      expect(next).toBeGreaterThan(100 * width);
    }
  });

  test('spec 2.8: other prompt lengths at s = 20', () => {
    const pairs = [20, 40, 60, 80].map((m) => [m, solveRank({ width: 768, textLength: 20 }, 100, m)]);
    expect(pairs).toEqual([
      [20, 77],
      [40, 58],
      [60, 38],
      [80, 19],
    ]);
  });

  test('its cards say which rank that is', () => {
    for (const { preset, task, description } of presetCards) {
      if (preset === 'paper') expect(description).toContain(`rank ${presets.paper(task).method.rank} on T5-base`);
    }
  });
});
