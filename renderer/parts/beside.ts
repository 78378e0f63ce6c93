/** Keeps a floating box beside its anchor while it is open, wherever the anchor goes and whatever size box and window take. */
import { place } from '../lib/place.ts';

type Ways = Parameters<typeof place>[3];

/** Gives back how to stop. */
export function keepBeside(anchor: Element, box: HTMLElement, ways: Ways): () => void {
  const settle = (): void => {
    const page = document.documentElement.getBoundingClientRect();
    const at = place(anchor.getBoundingClientRect(), box.getBoundingClientRect(), page, ways);
    box.style.left = `${Math.round(at.x)}px`;
    box.style.top = `${Math.round(at.y)}px`;
  };
  settle();
  const sizes = new ResizeObserver(settle);
  sizes.observe(box);
  addEventListener('resize', settle);
  addEventListener('scroll', settle, true);
  return () => {
    sizes.disconnect();
    removeEventListener('resize', settle);
    removeEventListener('scroll', settle, true);
  };
}
