/** Where the keyboard's focus is, whether it can be seen, and the way there by Tab. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settled } from './settled.ts';

export interface Stop {
  /** As a screen reader calls it. */
  readonly name: string;
  /** Undefined: it has an outline, lies in the window and is not covered. */
  readonly fault?: string;
  /** It stands after the stop before, in the document. */
  readonly isAfter: boolean;
}

/* An outline belongs to the element itself, or to the box that stands for it: a sibling that draws it, its label, the card around. */
const script = `(() => {
  const own = document.activeElement;
  const before = globalThis.lastFocused;
  globalThis.lastFocused = own;
  const isAfter = before === undefined || before === document.body || !before.isConnected || own === document.body ||
    (before.compareDocumentPosition(own) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const label = own.getAttribute('aria-label') ?? own.labels?.[0]?.textContent ?? own.getAttribute('placeholder') ?? own.textContent ?? '';
  const name = own === document.body ? 'the page' : label.trim().replace(/\\s+/g, ' ');
  if (own === document.body || own.matches('h1')) return { name, isAfter };
  const around = [];
  for (let above = own; above !== null && around.length < 6; above = above.parentElement) around.push(above);
  // Not what is there for screen readers alone.
  const boxes = [own.nextElementSibling, ...around].filter((one) => one !== null && one.getBoundingClientRect().width > 2);
  const box = boxes.find((one) => [undefined, '::after'].some((part) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one, part);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && !outlineColor.endsWith(', 0)');
  }));
  if (box === undefined) return { name, isAfter, fault: 'has no outline' };
  const { left, top, right, bottom } = box.getBoundingClientRect();
  if (right < 1 || bottom < 1 || left > innerWidth - 1 || top > innerHeight - 1) return { name, isAfter, fault: 'is outside the window' };
  // Not entirely: what is higher than the place that it scrolls in is seen in part.
  const along = (from, to) => [0.1, 0.5, 0.9].map((share) => from + share * (to - from));
  const hits = along(left, right).flatMap((x) => along(top, bottom).map((y) => document.elementFromPoint(x, y)));
  if (hits.some((hit) => hit !== null && (box.contains(hit) || hit.contains(box)))) return { name, isAfter };
  return { name, isAfter, fault: 'is covered by ' + hits.find((hit) => hit !== null)?.outerHTML.slice(0, 80) };
})()`;

export async function focused(page: Page): Promise<Stop> {
  const stop = (await page.evaluate(script)) as Stop;
  if (stop.fault === undefined) return stop;
  // A message makes room within a frame.
  await settled(page);
  return { ...((await page.evaluate(script)) as Stop), isAfter: stop.isAfter };
}

/** What is wrong with a stop, in words. */
export function faultsOf(stops: readonly Stop[]): string[] {
  return stops.flatMap(({ name, fault, isAfter }) => [
    ...(fault === undefined ? [] : [`${name} ${fault}`]),
    ...(isAfter ? [] : [`${name} comes before the stop before it`]),
  ]);
}

/** Presses Tab until the focus is on what is called so; every stop on the way must be seen. */
export async function tabTo(page: Page, name: string | RegExp, most = 120): Promise<void> {
  const stops: Stop[] = [];
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    stops.push(stop);
    if (typeof name === 'string' ? stop.name === name : name.test(stop.name)) {
      expect(stops.flatMap(({ name: of, fault }) => (fault === undefined ? [] : [`${of} ${fault}`]))).toEqual([]);
      return;
    }
  }
  throw new Error(`Tab does not come to ${name}; it comes to ${stops.map((stop) => stop.name).join(' | ')}`);
}

/** Where the page begins. */
const first = 'Skip to content';

/** All stops of Tab from the start of the page to its end. */
export async function everyStop(page: Page, most = 250): Promise<Stop[]> {
  let stops: Stop[] | undefined;
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    if (stops !== undefined && (stop.name === 'the page' || stop.name === first)) return stops;
    if (stop.name === first) stops = [{ ...stop, isAfter: true }];
    else stops?.push(stop);
  }
  throw new Error(`Tab does not come to the end of the page: ${stops?.at(-1)?.name}`);
}
