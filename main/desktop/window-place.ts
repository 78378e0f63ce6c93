/** Where the window opens: where it was left, as far as the screens of today still have that place. */
import type { Rectangle } from 'electron';
import type { WindowState } from './desktop-state.ts';

export const SMALLEST = { width: 640, height: 480 } as const;
const USUAL = { width: 1280, height: 860 } as const;

/** Of the title bar: that much must be on a screen for the window to be taken hold of. */
const HANDLE = { width: 120, height: 32 } as const;

export interface WindowPlace {
  readonly width: number;
  readonly height: number;
  /** Missing: the middle of the screen. */
  readonly x?: number;
  readonly y?: number;
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
}

/** Whether the window's title bar can be reached on this screen. */
function isReachable({ x, y, width }: Rectangle, area: Rectangle): boolean {
  return (
    overlap(x, width, area.x, area.width) >= HANDLE.width &&
    overlap(y, HANDLE.height, area.y, area.height) >= HANDLE.height
  );
}

/**
 * `areas`: the parts of the screens that windows may cover, the primary one first. A window that is wider or higher than
 * its screen is made to fit.
 */
export function placeWindow(saved: WindowState | undefined, areas: readonly Rectangle[]): WindowPlace {
  const bounds = saved?.bounds;
  const area = bounds && areas.find((screen) => isReachable(bounds, screen));
  if (bounds !== undefined && area !== undefined) {
    return { x: bounds.x, y: bounds.y, ...fitting(bounds, area) };
  }
  return fitting(bounds ?? USUAL, areas[0]!);
}

function fitting(
  { width, height }: { width: number; height: number },
  area: Rectangle,
): { width: number; height: number } {
  return {
    width: Math.max(SMALLEST.width, Math.min(width, area.width)),
    height: Math.max(SMALLEST.height, Math.min(height, area.height)),
  };
}
