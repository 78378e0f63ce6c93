// A picture file as the numbers that the vision model was trained on: resized as Pillow does it, to the byte, and normalised.
// Sharp resizes by another rule, so that it only decodes here.
import sharp from 'sharp';

const kernels = {
  bicubic: {
    support: 2,
    at: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? -0.5 * (((d - 5) * d + 8) * d - 4) : 0),
  },
  bilinear: { support: 1, at: (d) => Math.max(0, 1 - d) },
};
/** Weights are whole numbers of 2^-22. */
const UNIT = 1 << 22;

/** For each output place along one axis: the first input place, and the weights from there on. */
function taps(from, to, { support, at }) {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => at(Math.abs((first + k - centre + 0.5) / stretch)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return {
      first,
      weights: weights.map((weight) => Math.trunc((weight / sum) * UNIT + (weight / sum < 0 ? -0.5 : 0.5))),
    };
  });
}

/** Resizes along one axis; `step` is the distance of neighbours along it, `lines` where each line begins. */
function resizeAxis(data, from, to, kernel, { step, lines, outStep, outLines, outLength }) {
  const out = new Uint8Array(outLength);
  taps(from, to, kernel).forEach(({ first, weights }, i) => {
    lines.forEach((line, n) => {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = UNIT / 2;
        weights.forEach((weight, k) => {
          sum += Math.imul(weight, data[line + (first + k) * step + channel]);
        });
        out[outLines[n] + i * outStep + channel] = Math.max(0, Math.min(255, sum >> 22));
      }
    });
  });
  return out;
}

const multiples = (count, size) => Array.from({ length: count }, (_, i) => i * size);

function resizeRows({ data, width, height }, to, kernel) {
  if (to === width) return { data, width, height };
  const lines = multiples(height, 3 * width);
  const places = { step: 3, lines, outStep: 3, outLines: multiples(height, 3 * to), outLength: 3 * to * height };
  return { data: resizeAxis(data, width, to, kernel, places), width: to, height };
}

function resizeColumns({ data, width, height }, to, kernel) {
  if (to === height) return { data, width, height };
  const [row, lines] = [3 * width, multiples(width, 3)];
  const places = { step: row, lines, outStep: row, outLines: lines, outLength: row * to };
  return { data: resizeAxis(data, height, to, kernel, places), width, height: to };
}

/** Rows first, but for pictures that lose more than twice as many pixels in height. */
function resize(image, width, height, kernel) {
  const shrinks = image.height - height;
  const columnsFirst = shrinks > 0 && shrinks > 2 * (image.width - width);
  if (columnsFirst) return resizeRows(resizeColumns(image, height, kernel), width, kernel);
  return resizeColumns(resizeRows(image, width, kernel), height, kernel);
}

/**
 * Planes of red, green and blue, 3 * cropSize * cropSize values.
 * @param {string} path of a picture
 * @param {{ resize: string, size: number, cropSize: number, interpolation: string, mean: number[], std: number[] }} how
 */
export async function pixelsOf(path, { resize: way, size, cropSize, interpolation, mean, std }) {
  const opened = sharp(path, { autoOrient: true, ignoreIcc: true }).removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await opened.toBuffer({ resolveWithObject: true });
  const shorter = Math.min(info.width, info.height);
  const sides = [info.width, info.height].map((side) =>
    way === 'squash' ? size : Math.floor((size * side) / shorter),
  );
  const { data: resized, width, height } = resize({ data, ...info }, ...sides, kernels[interpolation]);
  const [left, top] = [width, height].map((side) => Math.floor((side - cropSize) / 2));
  const { fround } = Math;
  return Float32Array.from({ length: 3 * cropSize * cropSize }, (_, i) => {
    const [channel, place] = [Math.floor(i / cropSize ** 2), i % cropSize ** 2];
    const [y, x] = [top + Math.floor(place / cropSize), left + (place % cropSize)];
    const byte = resized[3 * (y * width + x) + channel];
    return fround(fround(byte * (1 / 255)) - fround(mean[channel])) / fround(std[channel]);
  });
}
