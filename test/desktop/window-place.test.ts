/** Where the window opens, for screens that come and go. */
import { expect, test } from 'vitest';
import { placeWindow, SMALLEST } from '../../main/desktop/window-place.ts';

const primary = { x: 0, y: 25, width: 1920, height: 1015 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };
const at = (x: number, y: number, width = 900, height = 700) => ({ bounds: { x, y, width, height }, maximized: false });

test('the first start is in the middle of the screen, at the usual size', () => {
  expect(placeWindow(undefined, [primary, right])).toEqual({ width: 1280, height: 860 });
});

test('on a small screen it fits', () => {
  expect(placeWindow(undefined, [{ x: 0, y: 0, width: 1024, height: 700 }])).toEqual({ width: 1024, height: 700 });
  expect(placeWindow(at(0, 30, 3000, 3000), [primary])).toEqual({ x: 0, y: 30, width: 1920, height: 1015 });
});

test('it is never smaller than can be used', () => {
  expect(placeWindow(at(100, 100, 200, 200), [primary])).toEqual({ x: 100, y: 100, ...SMALLEST });
});

test.each([
  ['as it was left', at(100, 100), [primary]],
  ['on the second screen', at(2000, 50), [primary, right]],
  ['partly outside, with its title bar in reach', at(1920 - 130, 600), [primary]],
])('%s', (_name, saved, screens) => {
  expect(placeWindow(saved, screens)).toEqual(saved.bounds);
});

test.each([
  ['its screen is gone', at(2000, 50), [primary]],
  ['only a strip would be seen', at(1920 - 60, 100), [primary]],
  ['its title bar lies above the screen', at(100, -400), [primary]],
  ['its title bar lies below the screen', at(100, 1030), [primary]],
])('back to the middle where %s', (_name, saved, screens) => {
  expect(placeWindow(saved, screens)).toEqual({ width: 900, height: 700 });
});
