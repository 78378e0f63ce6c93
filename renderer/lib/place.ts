/** Where a floating box goes: beside its anchor, and always inside the window. Pure. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Side = 'below' | 'above' | 'right' | 'left';
export type Align = 'start' | 'centre' | 'end';

const opposite: Record<Side, Side> = { below: 'above', above: 'below', right: 'left', left: 'right' };

/**
 * Top left corner, in pixels of the window, of a box of `size` at `side` of the anchor. It goes to the other side where only
 * there is room, and is moved along the anchor to stay `margin` away from the window's edges.
 */
export function place(
  anchor: Box,
  size: { readonly width: number; readonly height: number },
  frame: { readonly width: number; readonly height: number },
  {
    side = 'below',
    align = 'start',
    gap = 6,
    margin = 8,
  }: { side?: Side; align?: Align; gap?: number; margin?: number },
): { x: number; y: number } {
  const room: Record<Side, number> = {
    below: frame.height - anchor.y - anchor.height,
    above: anchor.y,
    right: frame.width - anchor.x - anchor.width,
    left: anchor.x,
  };
  const upright = side === 'below' || side === 'above';
  const needed = (upright ? size.height : size.width) + gap + margin;
  const taken = room[side] < needed && room[opposite[side]] > room[side] ? opposite[side] : side;
  const along = upright
    ? aligned(anchor.x, anchor.width, size.width, align)
    : aligned(anchor.y, anchor.height, size.height, align);
  const across = {
    below: anchor.y + anchor.height + gap,
    above: anchor.y - size.height - gap,
    right: anchor.x + anchor.width + gap,
    left: anchor.x - size.width - gap,
  }[taken];
  const keep = (value: number, length: number, limit: number) =>
    Math.max(margin, Math.min(value, limit - length - margin));
  return {
    x: keep(upright ? along : across, size.width, frame.width),
    y: keep(upright ? across : along, size.height, frame.height),
  };
}

function aligned(start: number, length: number, size: number, align: Align): number {
  if (align === 'start') return start;
  return align === 'end' ? start + length - size : start + (length - size) / 2;
}
