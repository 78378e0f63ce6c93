/** How a training run tells of itself while it goes and when it has ended: for train, resume and demo. */
import type { TrainResult } from '../../engine/contract/calls.ts';
import type { TrainHooks } from '../../engine/contract/jobs.ts';
import type { Context, Report } from './context.ts';
import { metricsLine } from './metrics.ts';
import { count, decimal, duration } from './numbers.ts';
import { facts } from './table.ts';

export function trainHooks({ progress, message, signal, trial }: Context): TrainHooks {
  return {
    progress,
    signal,
    trial,
    event: (event) => {
      if (event.type === 'start') {
        message(`run ${event.run}${event.step === 0 ? '' : ` goes on from step ${count(event.step)}`}`);
      } else if (event.type === 'step') {
        const { step, steps, loss } = event;
        progress({ task: 'Training', done: step, total: steps, unit: 'steps', note: `loss ${decimal(loss)}` });
      } else if (event.type === 'evaluation') {
        const best = event.best ? '  (best so far)' : '';
        message(`step ${count(event.step)}: ${metricsLine(event.metrics)}${best}`);
      }
    },
  };
}

const ends: Record<TrainResult['status'], string> = {
  finished: 'finished',
  stopped: 'stopped and saved',
  converged: 'ended early, no better metric in sight',
};

/** `79,872 of 223,034,880 values = 0.04 %`. */
export function trainedShare({ trained, frozen, share }: TrainResult['parameters']): string {
  return `${count(trained)} of ${count(frozen + trained)} values = ${(100 * share).toFixed(2)} %`;
}

function trainFacts({ run, status, step, seconds, parameters, best, folder }: TrainResult): string {
  return facts([
    ['run', run],
    ['trained', trainedShare(parameters)],
    ['status', `${ends[status]} at step ${count(step)} after ${duration(seconds)}`],
    ['best', best && `step ${count(best.step)}: ${metricsLine(best.metrics)}`],
    ['folder', folder],
  ]);
}

export function trainReport(result: TrainResult): Report {
  const next = result.status === 'stopped' ? `dept resume ${result.run}` : `dept eval ${result.run}`;
  return { value: result, text: `${trainFacts(result)}\n\nNext: ${next}` };
}
