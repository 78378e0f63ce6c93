/** What T5 reads for each task. */
import { expect, test } from 'vitest';
import { taskText } from '../../engine/vision-language/tasks.ts';

test('a question follows its prefix, a caption has its prefix alone', () => {
  expect(taskText('vqa', 'what color is the cat?')).toBe('vqa: what color is the cat?');
  expect(taskText('caption')).toBe('caption:');
});
