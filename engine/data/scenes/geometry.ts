/**
 * Signed distance from a point to the edge of each shape, negative inside. Every shape lies in the unit circle around
 * the origin, y points down, unturned.
 */
import type { Shape } from './shapes.ts';

/** Distance at (x, y); `aspect` is short side over long side where a shape has one. */
type Distance = (x: number, y: number, aspect: number) => number;

function box(x: number, y: number, halfWidth: number, halfHeight: number): number {
  const dx = Math.abs(x) - halfWidth;
  const dy = Math.abs(y) - halfHeight;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
}

/** The nearest edge gives the distance; the number of edges crossed by a ray to the right gives the sign. */
function polygon(points: readonly (readonly [number, number])[]): Distance {
  const count = points.length;
  const px = Float64Array.from(points, ([x]) => x);
  const py = Float64Array.from(points, ([, y]) => y);
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let i = 0, j = count - 1; i < count; j = i, i += 1) {
      const ex = px[j]! - px[i]!;
      const ey = py[j]! - py[i]!;
      const wx = x - px[i]!;
      const wy = y - py[i]!;
      const along = Math.min(1, Math.max(0, (wx * ex + wy * ey) / (ex * ex + ey * ey)));
      const dx = wx - ex * along;
      const dy = wy - ey * along;
      nearest = Math.min(nearest, dx * dx + dy * dy);
      if (wy < 0 !== y < py[j]! && wx < (ex * wy) / ey) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners at the given radii in turn, the first one on top. */
function spokes(count: number, ...radii: readonly number[]): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length]!;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

const arm = 0.31;
const crossCorners = [
  [arm, -arm],
  [0.95, -arm],
  [0.95, arm],
  [arm, arm],
  [arm, 0.95],
  [-arm, 0.95],
  [-arm, arm],
  [-0.95, arm],
  [-0.95, -arm],
  [-arm, -arm],
  [-arm, -0.95],
  [arm, -0.95],
] as const;

const arrowCorners = [
  [0, -1],
  [0.72, -0.15],
  [0.28, -0.15],
  [0.28, 0.92],
  [-0.28, 0.92],
  [-0.28, -0.15],
  [-0.72, -0.15],
] as const;

/** The heart curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled into the circle. */
const heartCorners = Array.from({ length: 24 }, (_, i): [number, number] => {
  const t = (2 * Math.PI * i) / 24;
  const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
  return [(16 * Math.sin(t) ** 3) / 17, -y / 17];
});

const ringHalfWidth = 0.17;

export const distances: { readonly [S in Shape]: Distance } = {
  circle: (x, y) => Math.hypot(x, y) - 1,
  square: (x, y) => box(x, y, Math.SQRT1_2, Math.SQRT1_2),
  rectangle: (x, y, aspect) => {
    const halfWidth = 1 / Math.hypot(1, aspect); // the corner lies on the unit circle
    return box(x, y, halfWidth, halfWidth * aspect);
  },
  triangle: polygon(spokes(3, 1)),
  star: polygon(spokes(10, 1, 0.42)),
  cross: polygon(crossCorners),
  heart: polygon(heartCorners),
  diamond: polygon(spokes(4, 1, 0.66)),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - (1 - ringHalfWidth)) - ringHalfWidth,
  oval: (x, y, aspect) => {
    // first order: (f - 1) f / |grad|, with f = |(x, y / aspect)|
    const scaled = y / aspect;
    const f = Math.hypot(x, scaled);
    return f < 1e-6 ? -aspect : (f * (f - 1)) / Math.hypot(x, scaled / aspect);
  },
  hexagon: polygon(spokes(6, 1)),
  arrow: polygon(arrowCorners),
  crescent: (x, y) => Math.max(Math.hypot(x, y) - 1, 0.8 - Math.hypot(x - 0.5, y)),
};
