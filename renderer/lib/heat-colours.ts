/** Colours for a measured amount, evenly spaced to the eye and rising in lightness (viridis), so that they read without colour too. Pure. */

/** Red, green, blue at equal steps from nothing to the highest. */
const stops = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

export type Colour = readonly [red: number, green: number, blue: number];

/** `share` of the highest, 0..1; what lies outside is taken as the nearer end. Whole bytes. */
export function heatColour(share: number): Colour {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const below = Math.min(Math.floor(at), stops.length - 2);
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(stops[below]![channel] + (at - below) * (stops[below + 1]![channel] - stops[below]![channel]));
  return [mix(0), mix(1), mix(2)];
}
