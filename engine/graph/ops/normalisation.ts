/** Layer normalisations over the last axis, each with the gradient of the whole. */
import { composite, compositeOperation } from '../composite.ts';
import { type Shape, sameDim } from '../dim.ts';
import { apply, type Operation, shapeError, type Tensor } from '../tensor.ts';
import { add, multiply, reduceMean, subtract } from './elementwise.ts';
import { fixedExtent, sumTo } from './structure.ts';

function requireVector(name: string, x: Tensor, vectors: readonly Tensor[]): void {
  const width = x.shape.at(-1);
  const fits = ({ shape }: Tensor) => width !== undefined && shape.length === 1 && sameDim(shape[0]!, width);
  if (!vectors.every(fits)) throw shapeError(name, 'scale and shift vectors as long as the last axis', [x, ...vectors]);
}

const statisticShape = (x: Tensor): Shape => [...x.shape.slice(0, -1), 1];

const rmsKernel: Operation<{ epsilon: number }> = {
  name: 'SimplifiedLayerNormalization',
  computes: 'the kernel of RmsNorm: y and 1 / rms',
  shape: ([x, scale]) => {
    requireVector('RmsNorm', x!, [scale!]);
    return [x!, { type: x!.type, shape: statisticShape(x!) }];
  },
  gradient: 'none', // the composite below has the rule
  emit: ({ inputs, outputs: [y, inverse], attributes: { epsilon } }, emitter) =>
    emitter.node(
      'SimplifiedLayerNormalization',
      inputs.map((x) => emitter.name(x)),
      [emitter.name(y!), emitter.name(inverse!)],
      {
        axis: { kind: 'int', value: -1 },
        epsilon: { kind: 'float', value: epsilon },
        stash_type: { kind: 'int', value: 1 },
      },
    ),
};

const rmsNormOperation = compositeOperation(
  'RmsNorm',
  'w u with u = x / rms, rms = sqrt(mean(x^2) + epsilon)',
  'dx = (w g - u mean(w g u)) / rms, dw = sum(g u)',
);

/** T5's layer norm, w x / sqrt(mean(x^2) + epsilon): no mean is subtracted and nothing is added. */
export function rmsNorm(x: Tensor, scale: Tensor, epsilon: number): Tensor {
  const [y, inverse] = apply(rmsKernel, [x, scale], { epsilon }) as [Tensor, Tensor];
  return composite(rmsNormOperation, [x, scale], y, (g, wanted) => {
    // on x instead of u: what then multiplies x is one number for each row
    const toX = (): Tensor => {
      const scaled = multiply(g, scale);
      const cubed = multiply(inverse, multiply(inverse, inverse));
      const along = multiply(cubed, reduceMean(multiply(scaled, x), [-1]));
      return subtract(multiply(scaled, inverse), multiply(x, along));
    };
    return [
      wanted[0] ? toX() : undefined,
      wanted[1] ? sumTo(multiply(g, multiply(x, inverse)), scale.shape) : undefined,
    ];
  });
}

const layerKernel: Operation<{ epsilon: number }> = {
  name: 'LayerNormalization',
  computes: 'the kernel of LayerNorm: y, mean and 1 / sigma',
  shape: ([x, scale, shift]) => {
    requireVector('LayerNorm', x!, [scale!, shift!]);
    const statistic = { type: x!.type, shape: statisticShape(x!) };
    return [x!, statistic, statistic];
  },
  gradient: 'none', // the composite below has the rule
  emit: ({ inputs, outputs, attributes: { epsilon } }, emitter) =>
    emitter.node(
      'LayerNormalization',
      inputs.map((x) => emitter.name(x)),
      outputs.map((y) => emitter.name(y)),
      { axis: { kind: 'int', value: -1 }, epsilon: { kind: 'float', value: epsilon } },
    ),
};

const layerNormOperation = compositeOperation(
  'LayerNorm',
  'w u + b with u = (x - mean(x)) / sigma, sigma = sqrt(variance(x) + epsilon)',
  'dx = (w g - mean(w g) - u mean(w g u)) / sigma, dw = sum(g u), db = sum(g)',
);

/** w (x - mean) / sqrt(variance + epsilon) + b */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon: number): Tensor {
  fixedExtent(x, -1, 'The width of a layer norm');
  const [y, mean, inverse] = apply(layerKernel, [x, scale, shift], { epsilon }) as [Tensor, Tensor, Tensor];
  return composite(layerNormOperation, [x, scale, shift], y, (g, wanted) => {
    const unit = multiply(subtract(x, mean), inverse);
    const scaled = multiply(g, scale);
    const centred = () => add(reduceMean(scaled, [-1]), multiply(unit, reduceMean(multiply(scaled, unit), [-1])));
    return [
      wanted[0] ? multiply(inverse, subtract(scaled, centred())) : undefined,
      wanted[1] ? sumTo(multiply(g, unit), scale.shape) : undefined,
      wanted[2] ? sumTo(g, shift.shape) : undefined,
    ];
  });
}

export const normalisationOperations = [rmsKernel, rmsNormOperation, layerKernel, layerNormOperation] as const;
