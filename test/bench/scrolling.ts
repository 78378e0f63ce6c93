/** Scrolls the grid of pictures as a hand does, and looks at every frame which cells in view show nothing. */
import type { Page } from 'playwright-core';

/** Milliseconds. */
export interface Waits {
  /** The longest that a cell in view showed neither its picture nor a placeholder made of that picture. */
  readonly blank: number;
  /** The longest that a cell in view was without its picture, whatever else it showed. */
  readonly withoutPicture: number;
  /** The longest between two frames. */
  readonly frame: number;
}

/** A fast wheel, in pixels a second; two seconds of it, and a rest to look. */
const SPEED = 7200;
const [MOVING, RESTING] = [2000, 1000];

/** Down for so many seconds and back up, again and again. A cell is known by its place in the list, so it keeps its clock as rows move. */
export async function scroll(page: Page, seconds: number, pass: number): Promise<Waits> {
  // Scripts in the page are text: this file is checked without a browser's types.
  return (await page.evaluate(`new Promise((done) => {
    const grid = document.querySelector('[role=grid]');
    const clocks = { blank: new Map(), withoutPicture: new Map() };
    const longest = { blank: 0, withoutPicture: 0, frame: 0 };
    const begun = performance.now();
    let last = begun;
    const watch = (kind, key, waits, now) => {
      const since = clocks[kind];
      if (!waits) return since.delete(key);
      if (!since.has(key)) since.set(key, now);
      longest[kind] = Math.max(longest[kind], now - since.get(key));
    };
    const frame = () => {
      const now = performance.now();
      longest.frame = Math.max(longest.frame, now - last);
      const { top, bottom } = grid.getBoundingClientRect();
      const seen = new Set();
      for (const cell of grid.querySelectorAll('[role=gridcell]')) {
        const box = cell.getBoundingClientRect();
        if (box.bottom <= top || box.top >= bottom) continue;
        seen.add(cell.id);
        const img = cell.querySelector('img');
        const hasPicture = img !== null && img.complete && img.naturalWidth > 0;
        watch('withoutPicture', cell.id, !hasPicture, now);
        watch('blank', cell.id, !hasPicture && cell.querySelector('canvas[data-look]') === null, now);
      }
      for (const since of Object.values(clocks)) for (const key of since.keys()) if (!seen.has(key)) since.delete(key);
      const time = now - begun;
      if (time >= ${seconds * 1000}) return done(longest);
      const direction = Math.floor(time / ${pass * 1000}) % 2 === 0 ? 1 : -1;
      // A frame that came late is no leap: a wheel turns no faster for it than ten frames a second would show.
      const moved = (${SPEED} / 1000) * Math.min(100, now - last);
      if (time % ${MOVING + RESTING} < ${MOVING}) grid.scrollTop += direction * moved;
      last = now;
      requestAnimationFrame(frame);
    };
    frame();
  })`)) as Waits;
}
