/**
 * A short label beside an element while the pointer rests on it or it has the keyboard's focus: `{@attach tooltip('Copy')}`.
 * It is for the eyes: the element itself must carry the same words for a screen reader (aria-label, or text).
 */
import type { Attachment } from 'svelte/attachments';
import { type Align, place, type Side } from '../lib/place.ts';

/** How long the pointer must rest, in milliseconds; not when another tip was just there. */
const REST = 350;
const STILL_WARM = 400;

let tip: HTMLElement | undefined;
/** What the tip is of, or will be in a moment. */
let owner: Element | undefined;
let timer = 0;
let hiddenAt = Number.NEGATIVE_INFINITY;

function tipElement(): HTMLElement {
  if (tip === undefined) {
    tip = document.createElement('div');
    tip.className = 'tooltip';
    tip.popover = 'manual';
    tip.ariaHidden = 'true';
    document.body.append(tip);
    addEventListener('keydown', (event) => event.key === 'Escape' && hide(), true);
    addEventListener('scroll', hide, true);
  }
  return tip;
}

function show(anchor: Element, text: string, side: Side, align: Align): void {
  const element = tipElement();
  element.textContent = text;
  element.showPopover();
  const at = place(
    anchor.getBoundingClientRect(),
    element.getBoundingClientRect(),
    document.documentElement.getBoundingClientRect(),
    { side, align },
  );
  element.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
}

function hide(): void {
  clearTimeout(timer);
  owner = undefined;
  if (!tip?.matches(':popover-open')) return;
  hiddenAt = performance.now();
  tip.hidePopover();
}

export function tooltip(
  text: string,
  { side = 'below', align = 'centre' }: { side?: Side; align?: Align } = {},
): Attachment {
  return (element) => {
    const open = () => show(element, text, side, align);
    const wait = (time: number) => {
      clearTimeout(timer);
      owner = element;
      timer = window.setTimeout(open, time);
    };
    const listeners: [string, EventListener][] = [
      [
        'pointerenter',
        (event) => {
          if ((event as PointerEvent).pointerType === 'touch') return;
          wait(performance.now() - hiddenAt < STILL_WARM ? 0 : REST);
        },
      ],
      ['pointerleave', hide],
      ['pointerdown', hide],
      // Not at once: a closing popover that gives the focus back allows no other to open meanwhile.
      ['focus', () => element.matches(':focus-visible') && wait(0)],
      ['blur', hide],
    ];
    for (const [name, listener] of listeners) element.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) element.removeEventListener(name, listener);
      if (owner === element) hide();
    };
  };
}
