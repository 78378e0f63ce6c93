/** A picture at a glance, as `datasets.browse` gives it (engine/contract/datasets.ts): read, and put on a canvas. */

export interface Look {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each pixel, row by row. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

export function readLook(base64: string): Look {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const [width, height] = bytes as unknown as [number, number];
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    pixels.set(bytes.subarray(2 + 3 * pixel, 5 + 3 * pixel), 4 * pixel);
  }
  return { width, height, pixels };
}

export function drawLook(canvas: HTMLCanvasElement, base64: string): void {
  const { width, height, pixels } = readLook(base64);
  canvas.width = width;
  canvas.height = height;
  // A canvas for each cell of a grid: not worth the graphics processor.
  canvas.getContext('2d', { willReadFrequently: true })?.putImageData(new ImageData(pixels, width, height), 0, 0);
}
