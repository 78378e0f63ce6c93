/**
 * Resizing of images exactly as Pillow does it, byte for byte: vision models were trained on Pillow's pixels, and libvips
 * places the samples of an enlarged image differently.
 */

/** 8-bit RGB, three bytes per pixel, row by row. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Kernel {
  /** Half its width, in pixels of the larger of the two images. */
  readonly support: number;
  readonly at: (distance: number) => number;
}

/** Keys's cubic with a = -0.5, and the triangle. */
const KERNELS = {
  bicubic: {
    support: 2,
    at: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? -0.5 * (((d - 5) * d + 8) * d - 4) : 0),
  },
  bilinear: { support: 1, at: (d) => Math.max(0, 1 - d) },
} as const satisfies Record<string, Kernel>;
export type Interpolation = keyof typeof KERNELS;

/** Taps that are added up at a time. */
const TOGETHER = 3;

/** Weights are whole numbers of 2^-22, so that a sum of weighted bytes fits 32 bits. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** Which input pixels make an output pixel along one axis. */
interface Taps {
  /** First input pixel of each output pixel. */
  readonly first: Int32Array;
  /** How many there are of each. */
  readonly count: Int32Array;
  /** `stride` weights for each output pixel: `count`, then zeros. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Of an axis of `to` pixels those that are wanted. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/** The kernel is widened as the image shrinks; at the border it is cut off and the rest is brought to the sum of 1. */
function tapsOf(from: number, to: number, { start, length }: Span, { support, at }: Kernel): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const stride = TOGETHER * Math.ceil((2 * Math.ceil(reach) + 1) / TOGETHER);
  const taps: Taps = {
    first: new Int32Array(length),
    count: new Int32Array(length),
    weights: new Int32Array(length * stride),
    stride,
  };
  for (let i = 0; i < length; i += 1) {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - first;
    const weights = Array.from({ length: count }, (_, k) => at(Math.abs((first + k - centre + 0.5) / stretch)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    taps.first[i] = first;
    taps.count[i] = count;
    weights.forEach((weight, k) => {
      const scaled = (weight / sum) * (1 << PRECISION);
      taps.weights[i * stride + k] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
  }
  return taps;
}

const toByte = (sum: number): number => Math.max(0, Math.min(255, sum >> PRECISION));

function resizeRows({ data, width, height }: RgbImage, { first, count, weights, stride }: Taps): RgbImage {
  const newWidth = first.length;
  const out = new Uint8Array(newWidth * height * 3);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < newWidth; x += 1) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * width + first[x]!) * 3;
      const start = x * stride;
      const end = start + count[x]!;
      for (let k = start; k < end; k += 1) {
        const weight = weights[k]!;
        red += Math.imul(weight, data[from]!);
        green += Math.imul(weight, data[from + 1]!);
        blue += Math.imul(weight, data[from + 2]!);
        from += 3;
      }
      out[to] = toByte(red);
      out[to + 1] = toByte(green);
      out[to + 2] = toByte(blue);
      to += 3;
    }
  }
  return { data: out, width: newWidth, height };
}

function resizeColumns({ data, width, height }: RgbImage, { first, count, weights, stride }: Taps): RgbImage {
  const newHeight = first.length;
  const rowBytes = width * 3;
  const out = new Uint8Array(rowBytes * newHeight);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < newHeight; y += 1) {
    sums.fill(HALF);
    const row = (k: number): number => Math.min(first[y]! + k, height - 1) * rowBytes;
    for (let k = 0; k < count[y]!; k += TOGETHER) {
      const at = y * stride + k;
      const [w0, w1, w2] = [weights[at]!, weights[at + 1]!, weights[at + 2]!];
      const [r0, r1, r2] = [row(k), row(k + 1), row(k + 2)];
      for (let i = 0; i < rowBytes; i += 1) {
        sums[i]! += Math.imul(w0, data[r0 + i]!) + Math.imul(w1, data[r1 + i]!) + Math.imul(w2, data[r2 + i]!);
      }
    }
    for (let i = 0; i < rowBytes; i += 1) out[y * rowBytes + i] = toByte(sums[i]!);
  }
  return { data: out, width, height: newHeight };
}

const isWhole = (from: number, to: number, { length }: Span): boolean => from === to && length === to;

/** A part of an image, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The image at another size, of which only what is in the box is made: by default all.
 * One axis after the other, rounded to bytes after each; an axis that keeps its length is left alone. Rows come first but where
 * columns shrink by more than twice as many pixels, which is Pillow's order since 13.0 (before, rows always came first, with
 * differences of a few levels of 255 at hard edges).
 */
export function resample(
  image: RgbImage,
  width: number,
  height: number,
  interpolation: Interpolation,
  box: Box = { left: 0, top: 0, width, height },
): RgbImage {
  const kernel = KERNELS[interpolation];
  const across = { start: box.left, length: box.width };
  const down = { start: box.top, length: box.height };
  const rows = (from: RgbImage): RgbImage =>
    isWhole(from.width, width, across) ? from : resizeRows(from, tapsOf(from.width, width, across, kernel));
  const columns = (from: RgbImage): RgbImage =>
    isWhole(from.height, height, down) ? from : resizeColumns(from, tapsOf(from.height, height, down, kernel));
  const shrinks = image.height - height;
  return shrinks > 0 && shrinks > 2 * (image.width - width) ? rows(columns(image)) : columns(rows(image));
}
