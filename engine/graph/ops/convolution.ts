/** Convolution of pictures [batch, channels, height, width]; its gradients are convolutions again. */
import type { OnnxAttribute } from '../../onnx/types.ts';
import { multiplyDims, sameDim } from '../dim.ts';
import { applyOne, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { matmul } from './matmul.ts';
import { fixedExtent, reduceSum, reshape, slice, transpose } from './structure.ts';

interface Steps {
  /** Cells of x between one place of the kernel and the next, down and across. */
  readonly stride: number;
  /** Cells of x between neighbours in the kernel. */
  readonly dilation: number;
  /** Zeros around x, on every side. */
  readonly padding: number;
}

type Sides = readonly [height: number, width: number];

function sidesOf(x: Tensor): Sides {
  return [fixedExtent(x, 2, 'The height of a picture'), fixedExtent(x, 3, 'The width of a picture')];
}

/** Cells that remain on one side of x when the kernel lies at its first place. */
function room(side: number, kernel: number, { dilation, padding }: Steps): number {
  return side + 2 * padding - dilation * (kernel - 1) - 1;
}

/** Height and width of what the convolution of a picture of these sides gives; undefined where the kernel has no place. */
function convolvedSides(sides: Sides, kernel: Sides, steps: Steps): Sides | undefined {
  const [height, width] = sides.map((side, i) => Math.floor(room(side, kernel[i]!, steps) / steps.stride) + 1);
  return height! < 1 || width! < 1 ? undefined : [height!, width!];
}

function onnxAttributes({ stride, dilation, padding }: Steps): Record<string, OnnxAttribute> {
  return {
    strides: { kind: 'ints', value: [stride, stride] },
    dilations: { kind: 'ints', value: [dilation, dilation] },
    pads: { kind: 'ints', value: [padding, padding, padding, padding] },
  };
}

const isPicture = (x: Tensor): boolean => x.shape.length === 4;

const convOperation: Operation<Steps> = {
  name: 'Conv',
  computes: 'y[n, o, i] = b[o] + sum over c and k of x[n, c, s i + d k - p] K[o, c, k]; i and k have two coordinates',
  shape: (inputs, steps) => {
    const [x, kernel, bias] = inputs as [Tensor, Tensor, Tensor?];
    const fits =
      [x, kernel].every(isPicture) &&
      sameDim(x.shape[1]!, kernel.shape[1]!) &&
      (bias === undefined || (bias.shape.length === 1 && sameDim(bias.shape[0]!, kernel.shape[0]!)));
    const sides = fits ? convolvedSides(sidesOf(x), sidesOf(kernel), steps) : undefined;
    if (sides === undefined) {
      throw shapeError(
        'Conv',
        'x [batch, in, height, width], a kernel [out, in, ...] that has room, a bias [out]',
        inputs,
      );
    }
    return [{ type: x.type, shape: [x.shape[0]!, kernel.shape[0]!, ...sides] }];
  },
  formula: 'dx = ConvTranspose(g, K), dK[o, c, k] = sum over n and i of x[n, c, s i + d k - p] g[n, o, i], db = sum(g)',
  gradient: ({ inputs: [x, kernel], attributes: steps, gradient, wanted }) => [
    wanted[0] ? convTranspose2d(gradient, kernel!, { ...steps, sides: sidesOf(x!) }) : undefined,
    wanted[1] ? kernelGradient(x!, kernel!, gradient, steps) : undefined,
    wanted[2] ? reduceSum(gradient, [0, 2, 3]) : undefined,
  ],
  emit: ({ inputs, outputs: [y], attributes }, emitter) =>
    emitter.node(
      'Conv',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!)],
      onnxAttributes(attributes),
    ),
};

const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, 2, 3]);

/** [batch, channels, height, width] as [channels, everything else] */
function byChannel(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape;
  return reshape(swapped(x), [channels!, multiplyDims(batch!, height!, width!)]);
}

/** dK: the convolution of x by g in which batch and channels have changed places, and stride and dilation too. */
function kernelGradient(x: Tensor, kernel: Tensor, g: Tensor, { stride, dilation, padding }: Steps): Tensor {
  const [height, width] = sidesOf(kernel);
  // one product of matrices; as a convolution it would be one of a matrix and a vector for each channel of x
  const isProduct = height === 1 && width === 1 && stride === 1 && padding === 0;
  if (isProduct) return reshape(matmul(byChannel(g), byChannel(x), { transB: true }), kernel.shape);
  const steps = { stride: dilation, dilation: stride, padding };
  const all = applyOne(convOperation, [swapped(x), swapped(g)], steps);
  return swapped(slice(slice(all, 2, 0, height), 3, 0, width)); // cells that no stride reached would be further places
}

const convTransposeOperation: Operation<Steps & { readonly sides: Sides }> = {
  name: 'ConvTranspose',
  computes:
    'y[n, c, j] = sum of x[n, o, i] K[o, c, k] over o and all i, k with s i + d k - p = j; of given height and width',
  shape: (inputs, { sides, ...steps }) => {
    const [x, kernel] = inputs as [Tensor, Tensor];
    const fits = [x, kernel].every(isPicture) && sameDim(x.shape[1]!, kernel.shape[0]!);
    const convolved = fits ? convolvedSides(sides, sidesOf(kernel), steps) : undefined;
    if (convolved === undefined || convolved.some((side, i) => side !== sidesOf(x)[i])) {
      throw shapeError(
        'ConvTranspose',
        `what a convolution of [batch, in, ${sides.join(', ')}] gives, and its kernel`,
        inputs,
      );
    }
    return [{ type: x.type, shape: [x.shape[0]!, kernel.shape[1]!, ...sides] }];
  },
  formula: 'dx = Conv(g, K), dK[o, c, k] = sum over n and i of g[n, c, s i + d k - p] x[n, o, i]',
  gradient: ({ inputs: [x, kernel], attributes: steps, gradient, wanted }) => [
    wanted[0] ? applyOne(convOperation, [gradient, kernel!], steps) : undefined,
    wanted[1] ? kernelGradient(gradient, kernel!, x!, steps) : undefined,
  ],
  emit: ({ inputs: [x, kernel], outputs: [y], attributes: { sides, ...steps } }, emitter) => {
    const kernelSides = sidesOf(kernel!);
    const unreached = sides.map((side, i) => room(side, kernelSides[i]!, steps) % steps.stride);
    emitter.node('ConvTranspose', [emitter.name(x!), emitter.name(kernel!)], [emitter.name(y!)], {
      ...onnxAttributes(steps),
      output_padding: { kind: 'ints', value: unreached },
    });
  },
};

interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
}

/**
 * Convolution without a flip, as torch's Conv2d: x [batch, in, height, width] and a kernel [out, in, kernel height, kernel
 * width] to [batch, out, floor((height + 2 padding - kernel height) / stride) + 1, the same of the widths]; `bias` [out] is
 * added to every cell. Heights and widths must be fixed numbers. No batch may be empty where the kernel is trained: ONNX Runtime
 * 1.30 does not come back from a convolution over no channels.
 */
export function conv2d(
  x: Tensor,
  kernel: Tensor,
  { stride = 1, padding = 0, bias }: ConvOptions & { readonly bias?: Tensor } = {},
): Tensor {
  const inputs = bias === undefined ? [x, kernel] : [x, kernel, bias];
  return applyOne(convOperation, inputs, { stride, dilation: 1, padding });
}

/** The transpose of `conv2d`: from what it gives for pictures of height and width `sides` back to [batch, in, ...sides]. */
export function convTranspose2d(
  x: Tensor,
  kernel: Tensor,
  options: Partial<Steps> & { readonly sides: Sides },
): Tensor {
  return applyOne(convTransposeOperation, [x, kernel], { stride: 1, dilation: 1, padding: 0, ...options });
}

export const convolutionOperations = [convOperation, convTransposeOperation] as const;
