/**
 * Adafactor (Shazeer and Stern 2018) as transformers computes it: of a matrix, the second moment is kept as its rows and
 * columns only. torch.optim.Adafactor differs in details (it always scales by the parameter, for one) and is not followed.
 */
import { checkGradient, type Optimiser, type OptimiserState, zeros } from './optimiser.ts';

export interface AdafactorOptions {
  /** What is added to squared gradients, and the least scale of a parameter. */
  readonly epsilons: readonly [number, number];
  /** An update whose root mean square is above this is scaled down to it. */
  readonly clipThreshold: number;
  /** The second moment decays by 1 - t^decayRate. */
  readonly decayRate: number;
  /** Decay of the first moment; null: there is none. */
  readonly beta1: number | null;
  readonly weightDecay: number;
  /** Whether a step is in proportion to the root mean square of its parameter. */
  readonly scaleParameter: boolean;
}

function rootMeanSquare(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]! * values[i]!;
  return Math.sqrt(sum / values.length);
}

/** g / sqrt(v) with v kept as it is, for vectors and scalars. */
function fullUpdate(
  second: Float32Array,
  gradient: Float32Array,
  update: Float64Array,
  decay: number,
  epsilon: number,
): void {
  for (let i = 0; i < gradient.length; i += 1) {
    const g = gradient[i]!;
    second[i] = decay * second[i]! + (1 - decay) * (g * g + epsilon);
    update[i] = g / Math.sqrt(second[i]!);
  }
}

/**
 * g / sqrt(v) with v[i, j] = row[i] column[j] / mean(row), in each of the matrices [rows, columns] that the first axes count.
 * `row` [..., rows] and `column` [..., columns] hold running means of squared gradients.
 */
function factoredUpdate(
  { row, column }: OptimiserState,
  gradient: Float32Array,
  update: Float64Array,
  decay: number,
  epsilon: number,
): void {
  const rows = row!.shape.at(-1)!;
  const columns = column!.shape.at(-1)!;
  for (let start = 0, matrix = 0; start < gradient.length; start += rows * columns, matrix += 1) {
    const rowMeans = row!.values.subarray(matrix * rows, (matrix + 1) * rows);
    const columnMeans = column!.values.subarray(matrix * columns, (matrix + 1) * columns);
    const columnSums = new Float64Array(columns);
    for (let i = 0; i < rows; i += 1) {
      let sum = 0;
      for (let j = 0; j < columns; j += 1) {
        const g = gradient[start + i * columns + j]!;
        const square = g * g + epsilon;
        sum += square;
        columnSums[j]! += square;
      }
      rowMeans[i] = decay * rowMeans[i]! + (1 - decay) * (sum / columns);
    }
    let total = 0;
    for (let i = 0; i < rows; i += 1) total += rowMeans[i]!;
    const columnFactors = columnSums.map((sum, j) => {
      columnMeans[j] = decay * columnMeans[j]! + (1 - decay) * (sum / rows);
      return 1 / Math.sqrt(columnMeans[j]!);
    });
    for (let i = 0; i < rows; i += 1) {
      const rowFactor = Math.sqrt(total / rows / rowMeans[i]!);
      for (let j = 0; j < columns; j += 1) {
        const at = start + i * columns + j;
        update[at] = gradient[at]! * rowFactor * columnFactors[j]!;
      }
    }
  }
}

/** The relative step of the paper is the schedule 'relative-step' together with `scaleParameter`. */
export function adafactor(options: AdafactorOptions): Optimiser {
  const { epsilons, clipThreshold, decayRate, beta1, weightDecay, scaleParameter } = options;
  return {
    freshState: (shape) => ({
      ...(beta1 !== null && { first: zeros(shape) }),
      ...(shape.length >= 2
        ? { row: zeros(shape.slice(0, -1)), column: zeros([...shape.slice(0, -2), shape.at(-1)!]) }
        : { second: zeros(shape) }),
    }),
    update: ({ values, state }, gradient, step, rate) => {
      checkGradient(values, gradient);
      const size = scaleParameter ? rate * Math.max(epsilons[1], rootMeanSquare(values)) : rate;
      const decay = 1 - step ** decayRate;
      const update = new Float64Array(values.length);
      if (state.second === undefined) factoredUpdate(state, gradient, update, decay, epsilons[0]);
      else fullUpdate(state.second.values, gradient, update, decay, epsilons[0]);

      const factor = size / Math.max(1, rootMeanSquare(update) / clipThreshold);
      const kept = 1 - size * weightDecay;
      const first = state.first?.values;
      for (let i = 0; i < values.length; i += 1) {
        let change = update[i]! * factor;
        if (first !== undefined) {
          change = beta1! * first[i]! + (1 - beta1!) * change;
          first[i] = change;
        }
        values[i] = values[i]! * kept - change;
      }
    },
  };
}
