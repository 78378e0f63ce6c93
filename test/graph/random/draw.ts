/** Draws a random graph: operations at random on what is there already, and a loss that all ends flow into. */
import { Random } from '../../../engine/common/random.ts';
import { evaluateDim } from '../../../engine/graph/dim.ts';
import { type Dense, range } from '../dense.ts';
import { describeDim, type GraphDescription, mapAttributes } from './description.ts';
import type { Use } from './operation.ts';
import { drawnOperations } from './operations.ts';
import { type Entry, Pool } from './pool.ts';

/** A value of the graph has at most so many numbers, none of them larger. */
const [MOST, LARGEST] = [72, 8];

const isFine = ({ data }: Dense): boolean => data.length <= MOST && data.every((value) => Math.abs(value) <= LARGEST); // not so for NaN

/** Adds a step; false, and nothing added, where values come out that are not wanted. */
function apply(pool: Pool, operation: string, { inputs, attributes }: Use, isWanted = isFine): boolean {
  const { build, reference } = drawnOperations[operation]!;
  const given = inputs.map(({ value }) => value);
  const values = reference(
    given,
    mapAttributes(attributes, (dim) => evaluateDim(dim, pool.extents)),
  );
  if (![...given, ...values].every(isWanted)) return false;
  const tensors = build(
    inputs.map(({ tensor }) => tensor),
    attributes,
  );
  const described = mapAttributes(attributes, describeDim);
  pool.step({ operation, inputs: inputs.map(({ name }) => name), attributes: described }, tensors, values);
  return true;
}

/** A step that takes whatever values come out. */
function result(pool: Pool, operation: string, inputs: readonly Entry[], attributes: Use['attributes'] = {}): Entry {
  apply(pool, operation, { inputs, attributes }, () => true);
  return pool.last;
}

/** The sum of all numbers in x, each times a number of its own. */
function weightedSum(pool: Pool, x: Entry): Entry {
  const product = result(pool, 'Mul', [x, pool.floats(x.tensor.shape, -1, 1)]);
  const axes = range(x.tensor.shape.length);
  return axes.length === 0 ? product : result(pool, 'ReduceSum', [product], { axes, keep: false });
}

/** The graph that belongs to this seed. */
export function drawGraph(...seed: readonly (string | number)[]): GraphDescription {
  const random = new Random(...seed);
  const pool = new Pool(random);
  pool.floats(pool.shape(1 + random.below(3)));
  for (let i = 6 + random.below(9); i > 0; i -= 1) {
    const operation = random.pick(Object.keys(drawnOperations));
    pool.attempt(() => {
      const drawn = drawnOperations[operation]!.draw(pool);
      return drawn !== undefined && apply(pool, operation, drawn);
    });
  }
  const ends = pool.unused.map((end) => weightedSum(pool, end));
  ends.reduce((loss, sum) => result(pool, 'Add', [loss, sum]));
  return pool.description;
}
