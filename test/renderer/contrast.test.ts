/** Colours that meet in the app, in both themes: WCAG 2.2 AA for text (4.5) and for what one must see to use it (3). */
import { describe, expect, test } from 'vitest';
import { contrast, deficiencies, oklabDistance, seenWith, themeColours } from './tokens.ts';

const grounds = ['--bg', '--surface', '--sunken', '--hover'];

/** Text on the grounds that it stands on. */
const text: readonly (readonly [string, readonly string[]])[] = [
  ['--text', [...grounds, '--pressed', '--accent-soft', '--good-soft', '--warning-soft', '--bad-soft']],
  ['--text-2', [...grounds, '--accent-soft', '--bad-soft', '--warning-soft']],
  ['--text-3', grounds],
  ['--accent-text', [...grounds, '--pressed', '--accent-soft']],
  ['--good', ['--bg', '--surface', '--hover', '--good-soft']],
  ['--warning', ['--bg', '--surface', '--hover', '--warning-soft']],
  ['--bad', ['--bg', '--surface', '--hover', '--bad-soft']],
  ['--on-accent', ['--accent', '--accent-hover', '--accent-pressed']],
  ['--on-bad', ['--bad-fill', '--bad-fill-hover']],
  ['--on-tip', ['--tip']],
];

/** Borders of controls, the focus ring, filled parts of bars and switches, curves. */
const marks: readonly (readonly [string, readonly string[]])[] = [
  ['--line-strong', ['--bg', '--surface', '--sunken']],
  ['--focus', [...grounds, '--accent-soft']],
  ['--accent', [...grounds, '--pressed']],
  ...Array.from({ length: 8 }, (_, at) => [`--series-${at + 1}`, ['--bg', '--surface']] as const),
];

describe.each(['light', 'dark'] as const)('%s theme', (theme) => {
  const colours = themeColours(theme);
  const ratio = (a: string, b: string) => contrast(colours.get(a)!, colours.get(b)!);

  test.each(text)('%s can be read', (name, on) => {
    for (const ground of on) expect(ratio(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test.each(marks)('%s can be seen', (name, on) => {
    for (const ground of on) expect(ratio(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  // 0.08 in Oklab is about four times what can just be told apart side by side.
  test.each([['all cones', undefined], ...Object.entries(deficiencies)])('curves differ with %s', (_, matrix) => {
    const series = Array.from({ length: 8 }, (_, at) => colours.get(`--series-${at + 1}`)!);
    const seen = matrix === undefined ? series : series.map((colour) => seenWith(matrix, colour));
    for (const [a, one] of seen.entries()) {
      for (const [b, other] of seen.slice(0, a).entries()) {
        expect(oklabDistance(one, other), `series ${a + 1} and ${b + 1}`).toBeGreaterThan(0.08);
      }
    }
  });
});

test('the two themes have the same colours by name', () => {
  expect([...themeColours('dark').keys()]).toEqual([...themeColours('light').keys()]);
});
