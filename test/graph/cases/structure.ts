/** Cases of engine/graph/ops/structure.ts. */
import { multiplyDims } from '../../../engine/graph/dim.ts';
import { add } from '../../../engine/graph/ops/elementwise.ts';
import {
  concat,
  expand,
  pad,
  reduceSum,
  reshape,
  slice,
  split,
  transpose,
  zeros,
} from '../../../engine/graph/ops/structure.ts';
import { at, generate, permuted, range, reshaped, sumOver } from '../dense.ts';
import { batch, type Case, floats, given, text } from './case.ts';

export const structureCases: readonly Case[] = [
  {
    operation: 'Reshape',
    title: 'no, one and two symbolic extents',
    inputs: [floats([batch, text, 4]), floats([2, 3])],
    build: (x, y) => [
      reshape(y!, [3, 2]),
      reshape(x!, [multiplyDims(batch, text), 4]),
      reshape(x!, [batch, text, 2, 2]),
    ],
    reference: (x, y) => [reshaped(y!, [3, 2]), reshaped(x!, [6, 4]), reshaped(x!, [2, 3, 2, 2])],
  },
  {
    operation: 'Transpose',
    title: 'a cycle of three axes',
    inputs: [floats([batch, text, 4])],
    build: (x) => [transpose(x!, [2, 0, 1])],
    reference: (x) => [permuted(x!, [2, 0, 1])],
  },
  {
    operation: 'Concat',
    title: 'a symbolic axis of three parts, one of them given',
    inputs: [floats([batch, 2]), given('float32', [batch, 1], [7, 8]), floats([batch, text])],
    build: (...parts) => [concat(parts, 1)],
    reference: (a, b, c) => [
      generate([2, 6], ([i, j]) => (j! < 2 ? at(a!, [i!, j!]) : j! < 3 ? at(b!, [i!, 0]) : at(c!, [i!, j! - 3]))),
    ],
  },
  {
    operation: 'Slice',
    title: 'fixed and symbolic ends, overlapping',
    inputs: [floats([batch, text])],
    build: (x) => [slice(x!, 1, 1, text), slice(x!, 1, 0, 2)],
    reference: (x) => [
      generate([2, 2], ([i, j]) => at(x!, [i!, j! + 1])),
      generate([2, 2], ([i, j]) => at(x!, [i!, j!])),
    ],
  },
  {
    operation: 'Pad',
    title: 'fixed and symbolic zeros',
    inputs: [floats([batch, text])],
    build: (x) => [pad(x!, -1, 1, text)],
    reference: (x) => [generate([2, 7], ([i, j]) => (j! >= 1 && j! < 4 ? at(x!, [i!, j! - 1]) : 0))],
  },
  {
    operation: 'Expand',
    title: 'new axes and repeated ones',
    inputs: [floats([text, 1])],
    build: (x) => [expand(x!, [batch, text, 2])],
    reference: (x) => [generate([2, 3, 2], (index) => at(x!, index))],
  },
  {
    operation: 'ReduceSum',
    title: 'axes dropped, and axes kept',
    inputs: [floats([batch, text, 2])],
    build: (x) => [reduceSum(x!, [1]), reduceSum(x!, [0, -1], true)],
    reference: (x) => [reshaped(sumOver(x!, [1]), [2, 2]), sumOver(x!, [0, 2])],
  },
  {
    operation: 'Split',
    title: 'all parts used',
    inputs: [floats([batch, 6])],
    build: (x) => split(x!, 1, 3),
    reference: (x) => range(3).map((part) => generate([2, 2], ([i, j]) => at(x!, [i!, j! + 2 * part]))),
  },
  {
    operation: 'Split',
    title: 'one part of two used',
    inputs: [floats([4, text])],
    build: (x) => [split(x!, 0, 2)[1]!],
    reference: (x) => [generate([2, 3], ([i, j]) => at(x!, [i! + 2, j!]))],
  },
  {
    operation: 'ConstantOfShape',
    title: 'a symbolic shape',
    inputs: [floats([batch, text])],
    build: (x) => [add(x!, zeros([batch, text]))],
    reference: (x) => [x!],
  },
];
