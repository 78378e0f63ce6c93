/** The largest entries along the last axis, chosen inside the graph so that a whole vocabulary never leaves it. */
import type { Dim } from '../dim.ts';
import { apply, type Operation, shapeError, type Tensor } from '../tensor.ts';

const topKOperation: Operation<{ kept: Dim }> = {
  name: 'TopK',
  computes: 'the k largest entries along the last axis, largest first, and their indices',
  shape: (inputs, { kept }) => {
    const [x, k] = inputs as [Tensor, Tensor];
    if (x.shape.length < 1 || k.type !== 'int64' || k.shape.length !== 1 || k.shape[0] !== 1) {
      throw shapeError('TopK', 'x [..., n] and int64 k [1]', inputs);
    }
    const shape = [...x.shape.slice(0, -1), kept];
    return [
      { type: x.type, shape },
      { type: 'int64', shape },
    ];
  },
  gradient: 'none', // a choice made while decoding; nothing is trained through it
  // ONNX: of equal entries the one with the lower index comes first
  emit: ({ inputs: [x, k], outputs: [values, indices] }, emitter) =>
    emitter.node('TopK', [emitter.name(x!), emitter.name(k!)], [emitter.name(values!), emitter.name(indices!)], {
      axis: { kind: 'int', value: -1 },
    }),
};

/** The k largest of x [..., n], largest first, and their indices, both [..., kept]; `kept` is the value that k will have. */
export function topK(x: Tensor, k: Tensor, kept: Dim): { readonly values: Tensor; readonly indices: Tensor } {
  const [values, indices] = apply(topKOperation, [x, k], { kept });
  return { values: values!, indices: indices! };
}

export const topKOperations = [topKOperation] as const;
