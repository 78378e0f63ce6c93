/** docs/operations.md: every operation with its gradient and how both are checked. `npm run docs` writes it. */
import { join } from 'node:path';
import { writeAtomic } from '../../engine/common/files.ts';
import { bodyOf } from '../../engine/graph/composite.ts';
import { allOperations } from '../../engine/graph/ops/index.ts';
import { sourceOperations } from '../../engine/graph/sources.ts';
import type { Emitter, Node, NodeOf, Operation, Tensor } from '../../engine/graph/tensor.ts';
import { buildCase } from './cases/case.ts';
import { allCases, roundingOperations } from './cases/index.ts';
import { quantisedCases } from './cases/quantised-linear.ts';
import { modelLosses } from './model-losses.ts';
import { inputsOf, nodesOf, partsOf } from './nodes.ts';

export const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'operations.md');

/** The ONNX operators that a node becomes: a composite those of its parts, up to its inputs. */
function onnxOperators(node: Node): string[] {
  const body = bodyOf(node.outputs[0]!);
  if (body !== undefined) {
    const given = node.inputs.map((tensor) => tensor.node);
    return nodesOf([body], partsOf, given).flatMap(onnxOperators);
  }
  const operators: string[] = [];
  const recorder: Emitter = {
    name: () => '',
    integers: () => '',
    shape: () => '',
    extent: () => '',
    fresh: () => '',
    node: (op, _inputs, _outputs, _attributes, domain) => operators.push(domain ? `${domain}.${op}` : op),
  };
  node.operation.emit(node as NodeOf<never>, recorder);
  return operators;
}

interface Occurrence {
  /** ONNX operators, in the order of their first use. */
  readonly onnx: Set<string>;
  /** The operations whose cases it stands in. */
  readonly within: Set<string>;
}

/** Where each operation stands in the cases' graphs; functions made of operations (Dropout) are found by their own cases. */
export function occurrences(): Map<string, Occurrence> {
  const found = new Map<string, Occurrence>();
  const add = (name: string, within: string, nodes: readonly Node[]): void => {
    const { onnx, within: places } = found.get(name) ?? { onnx: new Set(), within: new Set() };
    for (const operator of nodes.flatMap(onnxOperators)) onnx.add(operator);
    found.set(name, { onnx, within: places.add(within) });
  };
  const listed = new Set(allOperations.map(({ name }) => name));
  for (const theCase of [...allCases, ...quantisedCases]) {
    const { outputs } = buildCase(theCase);
    for (const node of [...nodesOf(outputs, inputsOf), ...nodesOf(outputs, partsOf)]) {
      add(node.operation.name, theCase.operation, [node]);
    }
    if (!listed.has(theCase.operation)) add(theCase.operation, theCase.operation, nodesOf(outputs, partsOf));
  }
  return found;
}

/** The operations that stand between the weights of a model and its loss. */
function operationsBetween(weights: readonly Tensor[], loss: Tensor): Set<Operation<never>> {
  const reached = new Set(weights.map(({ node }) => node));
  const between = nodesOf([loss], inputsOf).filter((node) => {
    const isReached = node.inputs.some((tensor) => reached.has(tensor.node));
    if (isReached) reached.add(node);
    return isReached;
  });
  return new Set(between.map(({ operation }) => operation));
}

/** The models whose gradients go through the rule of an operation. */
function modelsThrough(): (operation: Operation<never>) => string[] {
  const models = Object.entries(modelLosses).map(([name, build]) => {
    const { loss, weights } = build();
    return { name, operations: operationsBetween(weights, loss) };
  });
  return (operation) => models.filter(({ operations }) => operations.has(operation)).map(({ name }) => name);
}

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
const code = (names: Iterable<string>): string => [...names].map((name) => `\`${name}\``).join(', ');

/** The whole page. */
export function operationsPage(): string {
  const found = occurrences();
  const through = modelsThrough();
  const checkOf = (operation: Operation<never>): string => {
    if (roundingOperations.includes(operation.name)) return 'rounding';
    const within = found.get(operation.name)?.within ?? new Set();
    if (!within.has(operation.name)) return `within ${[...within].join(', ')}`;
    if (operation.gradient === 'none') return 'definition';
    const models = through(operation);
    return ['definition', 'differences', ...models].join(', ');
  };
  const sources: readonly Operation<never>[] = sourceOperations;
  const operations = allOperations.filter((operation) => !sources.includes(operation));
  const functions = [...found].filter(([name]) => allOperations.every((operation) => operation.name !== name));
  return `# Operations

What a graph of \`engine/graph\` can hold. This page is generated: \`npm run docs\` writes it, and a test fails when it is stale.

In the gradients, \`g\` is the loss's derivative by the output, \`dx\` that by the input \`x\`; where an input was broadcast, the
repeated axes are summed away.

How each operation is checked:

- definition: its values equal those of its definition, evaluated in float64 (\`test/graph/cases\`);
- rounding: what it gives is off by no more than the rounding it makes (\`test/graph/quantised-linear.test.ts\`);
- differences: its gradients equal central differences of that definition;
- T5, CLIP, CLIP ResNet: its gradient rule carries the gradients of these models, which equal those of the reference
  implementation for every weight (\`test/models\`).

${table(
  ['Operation', 'Computes', 'Gradient', 'ONNX operators', 'Checked by'],
  operations.map((operation) =>
    row(
      operation.name,
      operation.computes,
      operation.formula ?? 'none',
      code(found.get(operation.name)?.onnx ?? []),
      checkOf(operation),
    ),
  ),
)}

## Sources

${table(
  ['Source', 'Is'],
  sources.map(({ name, computes }) => row(name, computes)),
)}

## Functions made of these

${table(
  ['Function', 'ONNX operators', 'Checked by'],
  functions.map(([name, { onnx }]) => row(name, code(onnx), 'definition, differences')),
)}
`;
}

if (import.meta.main) writeAtomic(pagePath, operationsPage());
