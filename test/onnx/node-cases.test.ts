/**
 * ONNX's node tests for the operators that the engine's graphs are made of: read and written by the engine they give what
 * ONNX says, and so do the engine's own operations in their place. Skipped without Debian's package libonnx-testdata.
 */
import { isDeepStrictEqual } from 'node:util';
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { compile } from '../../engine/graph/compile.ts';
import { cast } from '../../engine/graph/ops/elementwise.ts';
import { constantOperation, type FedType, input } from '../../engine/graph/sources.ts';
import { applyOne, type Tensor } from '../../engine/graph/tensor.ts';
import { decodeModel } from '../../engine/onnx/decode.ts';
import { encodeModel } from '../../engine/onnx/encode.ts';
import {
  type ElementType,
  elementTypes,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../engine/onnx/types.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { compared } from '../fidelity/compared.ts';
import { feedOf } from '../graph/feeds.ts';
import { occurrences } from '../graph/operations-page.ts';
import { areHere, nodeCases, numbersOf, rawData, readModels, source } from './node-cases.ts';
import { asOperations, hasRule } from './nodes-as-operations.ts';

const row = { area: 'Operations', against: source, measure: 'relative', allowed: 1e-6, skip: !areHere } as const;

const models = areHere ? readModels() : new Map<string, OnnxModel>();

test.skipIf(!areHere)(`what is read of all models beside the ${source} is written and read again the same`, () => {
  expect(models.size).toBe(910);
  for (const [name, model] of models)
    expect(isDeepStrictEqual(decodeModel(encodeModel(model)), model), name).toBe(true);
});

/** Operators without a node test that the engine reads: ONNX Runtime's own, and one whose tests have typed data. */
const unmet = [
  'ConstantOfShape',
  'SimplifiedLayerNormalization',
  'com.microsoft.DynamicQuantizeMatMul',
  'com.microsoft.FastGelu',
  'com.microsoft.FusedMatMul',
  'com.microsoft.Gelu',
  'com.microsoft.QuickGelu',
];

/** Every operator of a compiled graph: those of the operations, and what the compiler adds. */
function emittedOperators(): Set<string> {
  const operators = [...occurrences().values()].flatMap(({ onnx }) => [...onnx]);
  return new Set([...operators, 'Identity', 'Shape']);
}

const fedTypes: readonly ElementType[] = ['float32', 'int32', 'int64', 'uint8', 'bool'] satisfies FedType[];
const isFed = ({ type }: OnnxTensor): boolean => fedTypes.includes(type);
/** What the binding cannot hand out. */
const isHalf = (type: ElementType): boolean => type === 'float16' || type === 'bfloat16';

/** The model with what cannot be fed as constants, and half precision widened. */
function runnable({ graph, ...model }: OnnxModel, inputs: readonly OnnxTensor[]): OnnxModel {
  const constants = graph.inputs.flatMap(({ name }, i) => (isFed(inputs[i]!) ? [] : [{ ...inputs[i]!, name }]));
  const halves = graph.outputs.filter(({ type }) => isHalf(type));
  const casts = halves.map(
    ({ name }): OnnxNode => ({
      op: 'Cast',
      domain: '',
      name: `widen ${name}`,
      inputs: [name],
      outputs: [`${name} widened`],
      attributes: { to: { kind: 'int', value: elementTypes.float32 } },
    }),
  );
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.filter((_, i) => isFed(inputs[i]!)),
      initializers: [...graph.initializers, ...constants],
      nodes: [...graph.nodes, ...casts],
      outputs: graph.outputs.map((value) =>
        isHalf(value.type) ? { ...value, name: `${value.name} widened`, type: 'float32' } : value,
      ),
    },
  };
}

const feedFor = (tensor: OnnxTensor): Value => feedOf(numbersOf(tensor), tensor.type as FedType);

compared({ ...row, what: 'kernels of the standard operators, models read and written again' }, async (found) => {
  const operators = emittedOperators();
  const met = new Set<string>();
  const isWanted = ({ graph }: OnnxModel) => graph.nodes.every(({ op, domain }) => domain === '' && operators.has(op));
  for (const { name, model, inputs, outputs } of nodeCases(models, isWanted)) {
    const session = await ort.InferenceSession.create(encodeModel(runnable(model, inputs)), {
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const feeds = model.graph.inputs.flatMap(({ name: fed }, i) => {
      if (!isFed(inputs[i]!)) return [];
      const { data, shape } = feedFor(inputs[i]!);
      return [[fed, new ort.Tensor(inputs[i]!.type as 'float32', data as Float32Array, shape)]];
    });
    const results = await session.run(Object.fromEntries(feeds));
    for (const { op } of model.graph.nodes) met.add(op);
    session.outputNames.forEach((output, i) => {
      const { dims, data } = results[output]!;
      expect(dims, name).toEqual(outputs[i]!.dims);
      found.values(Float64Array.from(data as Float32Array, Number), numbersOf(outputs[i]!).data, name);
    });
    await session.release();
  }
  expect([...operators].filter((name) => !met.has(name)).sort()).toEqual(unmet);
});

/** Node tests that ask for what the engine has no operation for. */
const beyond: Readonly<Record<string, readonly string[]>> = {
  'pictures of other ranks': [
    'averagepool_1d_default',
    'averagepool_3d_default',
    'convtranspose_1d',
    'convtranspose_3d',
  ],
  'blocks that overlap, lie in padding, or are cut off': [
    'averagepool_2d_ceil',
    'averagepool_2d_default',
    'averagepool_2d_pads',
    'averagepool_2d_pads_count_include_pad',
    'averagepool_2d_precomputed_pads',
    'averagepool_2d_precomputed_pads_count_include_pad',
    'averagepool_2d_precomputed_same_upper',
    'averagepool_2d_same_lower',
    'averagepool_2d_same_upper',
    'averagepool_2d_strides',
  ],
  'a convolution that moves or is padded differently on different sides': [
    'conv_with_autopad_same',
    'conv_with_strides_and_asymmetric_padding',
    'convtranspose_autopad_same',
    'convtranspose_kernel_shape',
    'convtranspose_output_shape',
    'convtranspose_pad',
    'convtranspose_pads',
    'convtranspose_with_kernel',
  ],
  "statistics of the batch's own": ['batchnorm_epsilon_training_mode', 'batchnorm_example_training_mode'],
  'padding that is not zeros': ['constant_pad', 'edge_pad', 'reflect_pad'],
  'look-ups on another axis than the first': ['gather_1', 'gather_2d_indices'],
  'values that are replaced': [
    'scatter_elements_with_axis',
    'scatter_elements_with_negative_indices',
    'scatter_elements_without_axis',
  ],
  'steps other than 1': ['slice_neg_steps'],
  'the smallest': ['top_k_smallest'],
};

/** A tensor of the test in a graph: fed, or a constant where its type cannot be fed. */
function tensorOf(value: OnnxTensor, name: string): Tensor {
  if (isFed(value)) return input(name, value.type as FedType, value.dims);
  return applyOne(constantOperation, [], { type: value.type, shape: value.dims, data: rawData(value) });
}

compared({ ...row, what: 'operations of the engine in place of nodes' }, async (found) => {
  const left: string[] = [];
  const isWanted = ({ graph: { nodes } }: OnnxModel) => nodes.length === 1 && hasRule(nodes[0]!);
  for (const { name, model, inputs, outputs } of nodeCases(models, isWanted)) {
    const { nodes, inputs: named } = model.graph;
    const operands = nodes[0]!.inputs.map((from) => {
      const value = inputs[named.findIndex((one) => one.name === from)]!;
      const { shape, data } = numbersOf(value);
      return { tensor: tensorOf(value, from), shape, numbers: [...data] };
    });
    const tensors = asOperations(nodes[0]!, operands);
    if (tensors === undefined) {
      left.push(name);
      continue;
    }
    const widened = tensors.map((tensor) => (isHalf(tensor.type) ? cast(tensor, 'float32') : tensor));
    const graph = compile(Object.fromEntries(widened.map((tensor, i) => [`output.${i}`, tensor])));
    const session = await Session.create(graph, { threads: 1 });
    const feeds = named.flatMap((one, i) => (graph.inputs.has(one.name) ? [[one.name, feedFor(inputs[i]!)]] : []));
    const results = await session.run(Object.fromEntries(feeds));
    await session.release();
    widened.forEach((_, i) => {
      const { shape, data } = results[`output.${i}`]!;
      expect(shape, name).toEqual(outputs[i]!.dims);
      found.values(Float64Array.from(data as Float32Array, Number), numbersOf(outputs[i]!).data, name);
    });
  }
  expect(left.sort()).toEqual(Object.values(beyond).flat().sort());
});
