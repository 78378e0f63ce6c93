/** The models that are offered for download. */
import { expect, test } from 'vitest';
import { knownModels, memoryFit, weightBytes } from '../../engine/contract/known-models.ts';
import { parseRepo } from '../../engine/weights/hub/repo-reference.ts';

test('each is a repository with an owner, once, and leads to a name of its own in the library', () => {
  for (const { repo } of knownModels) expect(parseRepo(repo)).toEqual({ repo });
  const names = knownModels.map(({ repo }) => repo.split('/')[1]);
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(knownModels.length);
});

test('whether a model fits: three times its weights and the program, half of that, less', () => {
  const parameters = 250e6;
  expect(weightBytes(parameters)).toBe(1e9);
  expect(memoryFit(parameters, 3.5e9)).toBe('fits');
  expect(memoryFit(parameters, 3.4e9)).toBe('tight');
  expect(memoryFit(parameters, 2e9)).toBe('tight');
  expect(memoryFit(parameters, 1.9e9)).toBe('too-large');
});
