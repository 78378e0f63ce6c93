/** Every preset is a config once its dataset (and its models) are named, and every card speaks of a preset. */
import { expect, test } from 'vitest';
import { deptCount } from '../../engine/contract/budget.ts';
import { layOver, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { presetCards, presets } from '../../engine/contract/presets.ts';

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

test("the paper's preset is within the budget of a prompt of 100 tokens on T5-base", () => {
  const { method, maxTextLength } = presets.paper('vqa');
  const values = deptCount({ width: 768, textLength: maxTextLength }, method.promptLength, method.rank);
  expect(values).toBe(76_036);
  expect(values).toBeLessThanOrEqual(100 * 768);
});
