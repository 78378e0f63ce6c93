/** Numbers and pictures for the gallery. */

/** The same numbers every time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function madeUpCurve(label: string, points: number, scale: number, from: number, to: number, seed: number) {
  const random = randomNumbers(seed);
  const x = Array.from({ length: points }, (_, step) => (step + 1) * scale);
  const y = x.map(
    (_, step) => to + (from - to) * Math.exp(-step / 90) + (random() - 0.5) * 0.5 * Math.exp(-step / 400),
  );
  return { label, x, y };
}

/** A picture of a disc on a ground, as a data address. */
export function madeUpPicture(index: number): string {
  const random = randomNumbers(index + 1);
  const hue = Math.floor(random() * 360);
  const circle = `<circle cx="${20 + random() * 60}" cy="${20 + random() * 60}" r="${10 + random() * 16}" fill="hsl(${(hue + 140) % 360} 55% 45%)"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="200" height="200"><rect width="100" height="100" fill="hsl(${hue} 35% 78%)"/>${circle}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
