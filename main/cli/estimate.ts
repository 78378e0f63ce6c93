/** What a training run would cost, for `dept train --dry-run`. */
import type { Estimate } from '../../engine/contract/estimate.ts';
import { trainCommand } from '../../engine/contract/train-command.ts';
import type { TrainConfig } from '../../engine/contract/train-config.ts';
import { modeText } from '../../engine/service/memory-modes.ts';
import type { Report } from './context.ts';
import { bytes, count, decimal, duration } from './numbers.ts';
import { facts } from './table.ts';

export function estimateReport(config: TrainConfig, estimate: Estimate): Report {
  const { memory, parameters, budget, lengths } = estimate;
  const command = trainCommand(config);
  const text = facts([
    [
      'a step',
      `${decimal(estimate.secondsPerStep)} s (${decimal(estimate.flopsPerStep / 1e9)} GFLOP, at ${decimal(estimate.gflops)} GFLOP/s)`,
    ],
    ['in all', `${duration(estimate.totalSeconds)} for ${count(config.steps)} steps`],
    ['of this', `${duration(estimate.evaluationSeconds)} for ${count(estimate.evaluations)} evaluations`],
    ['memory', `${bytes(memory.total)} of ${bytes(estimate.machineMemory)}`],
    ['saved by', modeText(estimate.mode) || undefined],
    ['of this', `weights ${bytes(memory.weights)}, a step's values ${bytes(memory.activations)}`],
    ['trained', `${count(parameters.trained)} values, ${decimal(parameters.share * 100)} %`],
    ['method', `${count(budget.used)} values, as many as a prompt of ${decimal(budget.equivalentLength)} tokens`],
    ['examples', `${count(estimate.examples)}, seen ${decimal(estimate.epochs)} times`],
    ['lengths', `text ${decimal(lengths.text)} tokens, target ${decimal(lengths.target)} (mean)`],
    ['pictures', estimate.missingFeatures === 0 ? undefined : `${count(estimate.missingFeatures)} to encode first`],
    ['command', command],
  ]);
  const warnings = estimate.warnings.map(({ message, remedy }) => `warning: ${message}\n  ${remedy}`);
  return { value: { ...estimate, command }, text: [text, ...warnings].join('\n') };
}
