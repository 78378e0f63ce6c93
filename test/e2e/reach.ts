/** What of a page cannot be reached at its size: sideways scrolling, controls that are cut off, outside the window, or covered. */
import type { Page } from 'playwright-core';

/* Runs in the page. A box is followed up through what clips it: where an ancestor scrolls, it can be brought to the ancestor's own
   place; where one only hides, what is outside is lost. */
const script = `(() => {
  const found = [];
  const root = document.documentElement;
  const name = (element) => {
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\\s+/g, ' ').slice(0, 40);
    return element.tagName.toLowerCase() + (element.className && typeof element.className === 'string' ? '.' + element.className.split(' ')[0] : '') + ' "' + text + '"';
  };
  // What is open over the page has it to itself: a press beside it closes it.
  const over = document.querySelector('dialog:modal') ?? document.querySelector('[popover=auto]:popover-open');
  const within = over ?? document.body;

  const { scrollWidth, scrollHeight } = document.scrollingElement;
  if (scrollWidth > innerWidth) found.push('the page scrolls sideways');
  // It is hidden that it scrolls: the focus on something would move all of the page, and nothing would move it back.
  if (scrollHeight > innerHeight) found.push('the page is higher than the window: ' + scrollHeight);
  for (const element of within.querySelectorAll('*')) {
    const { overflowX } = getComputedStyle(element);
    if (overflowX !== 'auto' && overflowX !== 'scroll') continue;
    if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth === 0) continue;
    // What has two dimensions of its own may: a table, code, a row of tabs.
    if (element.matches('pre, [role=tablist], :has(> table)')) continue;
    if (element.closest('[role=toolbar], [popover]')) continue;
    found.push('scrolls sideways: ' + name(element) + ' ' + element.scrollWidth + ' > ' + element.clientWidth);
  }

  const controls = within.querySelectorAll('button, a[href], input, select, textarea, summary, [role=tab], [role=separator][tabindex]');
  for (const control of controls) {
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || control.matches('.skip')) continue;
    // A box that is drawn by its label.
    const shown = control.matches('input[type=checkbox], input[type=radio]') ? control.closest('label') ?? control : control;
    const box = shown.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue; // for screen readers
    let { left, right, top, bottom } = box;
    const own = { width: box.width, height: box.height };
    let lost;
    let isTop = false; // in the top layer, which nothing clips
    for (let above = shown; above !== root && above !== null; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (above.matches('dialog:modal, :popover-open')) isTop = true;
      if (isTop || style.position === 'fixed') break;
      const clip = above.parentElement;
      if (clip === null || clip === document.body) continue;
      const { overflowX, overflowY } = getComputedStyle(clip);
      const edge = clip.getBoundingClientRect();
      if (overflowX === 'auto' || overflowX === 'scroll') [left, right] = [edge.left, edge.right];
      else if (overflowX !== 'visible' && (left < edge.left - 1 || right > edge.right + 1)) lost = clip;
      if (overflowY === 'auto' || overflowY === 'scroll') {
        // A scroller too low to show the control.
        if (clip.clientHeight < Math.min(own.height, 20)) lost = clip;
        [top, bottom] = [edge.top, edge.bottom];
      } else if (overflowY !== 'visible' && (top < edge.top - 1 || bottom > edge.bottom + 1)) lost = clip;
    }
    if (lost !== undefined) found.push(name(control) + ' is cut off by ' + name(lost));
    else if (left < -1 || right > innerWidth + 1) found.push(name(control) + ' is beside the window: ' + left + ' to ' + right);
    else if (top < -1 || bottom > innerHeight + 1) found.push(name(control) + ' is below the window: ' + top + ' to ' + bottom);
  }

  const places = [...within.querySelectorAll('*')].filter(({ scrollTop, scrollLeft }) => scrollTop > 0 || scrollLeft > 0).map((element) => [element, element.scrollTop, element.scrollLeft]);
  for (const control of controls) {
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || control.matches('.skip, :disabled')) continue;
    const shown = control.matches('input[type=checkbox], input[type=radio]') ? control.closest('label') ?? control : control;
    shown.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = shown.getClientRects()[0];
    if (box === undefined || box.width <= 1 || box.height <= 1) continue;
    const x = box.left + box.width / 2;
    const y = box.top + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    if (hit === null) { found.push(name(control) + ' has its middle outside the window: ' + Math.round(x) + ', ' + Math.round(y)); continue; }
    const isOwn = shown.contains(hit) || hit.contains(shown) || hit.closest('label')?.control === control;
    if (!isOwn) found.push(name(control) + ' is covered by ' + name(hit));
  }
  for (const [element, top, left] of places) element.scrollTo({ top, left, behavior: 'instant' });
  return found;
})()`;

/** One entry a fault. */
export async function outOfReach(page: Page): Promise<string[]> {
  return (await page.evaluate(script)) as string[];
}
