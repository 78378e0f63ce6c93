/**
 * The shape rules against ONNX Runtime, for every value inside a graph: what its own inference makes of the nodes where we
 * declare no shapes, and what comes out of a run.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { type CompiledGraph, compile } from '../../engine/graph/compile.ts';
import { type Dim, dimText, type Extents, evaluateDim } from '../../engine/graph/dim.ts';
import { gradient } from '../../engine/graph/gradient.ts';
import { elementsOf } from '../../engine/graph/parameter.ts';
import type { Tensor } from '../../engine/graph/tensor.ts';
import { decodeModel } from '../../engine/onnx/decode.ts';
import { encodeModel } from '../../engine/onnx/encode.ts';
import { Session, type Value } from '../../engine/runtime/session.ts';
import { compared } from '../fidelity/compared.ts';
import { buildCase, type Case, extents as caseExtents, directedLoss, inputName } from './cases/case.ts';
import { allCases } from './cases/index.ts';
import { range } from './dense.ts';
import { feedOf } from './feeds.ts';
import { inputsOf, nodesOf, partsOf } from './nodes.ts';
import { drawGraph } from './random/draw.ts';
import { buildGraph, inputValues, lossName } from './random/graph.ts';

const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const runtime = `onnxruntime-node ${dependencies['onnxruntime-node']}`;

/** Where no two extents are equal by chance. */
const otherExtents: Extents = { batch: 7, text: 11, rows: 13 };

/** Every value of a loss and its gradients, and what the graph is fed. */
interface Subject {
  readonly title: string;
  readonly tensors: readonly Tensor[];
  readonly graph: CompiledGraph;
  readonly extents: Extents;
  readonly feeds: Readonly<Record<string, Value>>;
}

function subject(
  title: string,
  loss: Tensor,
  targets: readonly Tensor[],
): Pick<Subject, 'title' | 'tensors' | 'graph'> {
  const everything = nodesOf([loss, ...gradient(loss, targets)], (node) => [...inputsOf(node), ...partsOf(node)]);
  const tensors = everything.flatMap((node) => node.outputs);
  return { title, tensors, graph: compile(Object.fromEntries(tensors.map((tensor, i) => [`value.${i}`, tensor]))) };
}

function caseSubject(theCase: Case): Subject {
  const { inputs, outputs } = buildCase(theCase);
  const trained = inputs.filter((_, i) => !('values' in theCase.inputs[i]!));
  const known = subject(`${theCase.operation}: ${theCase.title}`, directedLoss(outputs), trained);
  const given = new Map(
    theCase.inputs.map((spec, i) => [inputName(spec, i), 'values' in spec ? spec.values : undefined]),
  );
  const feeds = [...known.graph.inputs].map(([name, { type, shape }]) => {
    const concrete = shape.map((dim) => evaluateDim(dim, caseExtents));
    const data = Float64Array.from(given.get(name) ?? Array(elementsOf(concrete)).fill(0.5));
    return [name, feedOf({ shape: concrete, data }, type)];
  });
  return { ...known, extents: caseExtents, feeds: Object.fromEntries(feeds) };
}

function randomSubject(seed: number): Subject {
  const description = drawGraph('shapes', seed);
  const tensors = buildGraph(description);
  const trained = description.inputs.filter((one) => one.trained).map(({ name }) => tensors.get(name)!);
  const values = inputValues(description);
  const feeds = description.inputs.map(({ name, type }) => [name, feedOf(values.get(name)!, type)]);
  const { extents } = description;
  const known = subject(`random graph ${seed}`, tensors.get(lossName(description))!, trained);
  return { ...known, extents, feeds: Object.fromEntries(feeds) };
}

type Inferred = readonly (readonly (number | string)[])[];

/** The shapes that ONNX Runtime infers where no output has one; '' is an extent that it does not know. */
async function infer(
  { graph }: Subject,
  fed: (dim: Dim) => number | string,
  level: 'disabled' | 'basic',
): Promise<Inferred> {
  const model = decodeModel(graph.model);
  const { inputs, outputs } = model.graph;
  const changed = {
    ...model.graph,
    inputs: inputs.map((value) => ({ ...value, dims: graph.inputs.get(value.name)!.shape.map(fed) })),
    outputs: outputs.map((value) => ({ ...value, dims: value.dims.map(() => '') })),
  };
  const session = await ort.InferenceSession.create(encodeModel({ ...model, graph: changed }), {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const shapes = session.outputMetadata.map((value) => (value.isTensor ? value.shape : []));
  await session.release();
  return shapes;
}

const subjects = [...allCases.map(caseSubject), ...range(25).map(randomSubject)];

/** Our shapes, but '' where the other does not know the extent. */
const ours = ({ tensors }: Subject, write: (dim: Dim) => number | string, theirs: Inferred) =>
  tensors.map(({ shape }, i) => shape.map((dim, axis) => (theirs[i]?.[axis] === '' ? '' : write(dim))));

/** The share of extents that are not known. */
function unknownShare(shapes: Inferred): number {
  const extents = shapes.flat();
  return extents.filter((extent) => extent === '').length / extents.length;
}

const row = { area: 'Operations', against: runtime, measure: 'identical', allowed: 0 } as const;

interface Mode {
  readonly what: string;
  /** What an extent is in this mode. */
  readonly write: (dim: Dim) => number | string;
  readonly level: 'disabled' | 'basic';
  /** At most this share of all extents stays unknown to ONNX Runtime. */
  readonly unknown: number;
}

const modes: readonly Mode[] = [
  {
    what: 'with names for extents',
    write: (dim) => (typeof dim === 'number' ? dim : dimText(dim)),
    level: 'disabled',
    unknown: 0.3, // it does not calculate with names
  },
  {
    what: 'at extents of 7, 11 and 13',
    write: (dim) => evaluateDim(dim, otherExtents),
    level: 'basic', // folds what computes shapes
    unknown: 0.01,
  },
];

for (const { what, write, level, unknown } of modes) {
  compared({ ...row, what: `shapes of all values of a graph and its gradients, ${what}` }, async (found) => {
    const all: Inferred[] = [];
    for (const one of subjects) {
      const theirs = await infer(one, write, level);
      found.same(ours(one, write, theirs), theirs, one.title);
      all.push(theirs);
    }
    expect(unknownShare(all.flat())).toBeLessThan(unknown);
  });
}

compared({ ...row, what: 'shapes of all values of a graph and its gradients, in a run' }, async (found) => {
  for (const { title, tensors, graph, extents, feeds } of subjects) {
    const session = await Session.create(graph, { threads: 1 });
    const results = await session.run(feeds);
    await session.release();
    const claimed = tensors.map(({ shape }) => shape.map((dim) => evaluateDim(dim, extents)));
    const seen = tensors.map((_, i) => results[`value.${i}`]!.shape);
    found.same(claimed, seen, title);
  }
});
