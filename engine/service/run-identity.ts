/** What a run's numbers depend on beside its config: fingerprints of its data and models, and versions. */
import { createHash } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import { DeptError } from '../common/errors.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { DatasetInfo } from '../data/dataset-info.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { OpenModel } from './open-model.ts';

/** By the name that a person is told. */
export type Fingerprints = Readonly<Record<string, string>>;

export function modelFingerprints({ vision, fingerprint }: OpenModel): Fingerprints {
  return { 'vision model': vision.fingerprint, 'language model': fingerprint };
}

/** Of the one split and task that are used: the dataset may gain other parts meanwhile. */
function partFingerprint({ parts }: DatasetInfo, task: TrainConfig['task'], split: string): string {
  const used = parts.filter((part) => part.task === task && part.split === split);
  const hash = createHash('sha256').update(used.map(({ fingerprint }) => fingerprint).join(' '));
  return hash.digest('hex').slice(0, 16);
}

export function runFingerprints({ task, dataset }: TrainConfig, info: DatasetInfo, model: OpenModel): Fingerprints {
  return {
    'training data': partFingerprint(info, task, dataset.trainSplit),
    'validation data': partFingerprint(info, task, dataset.validationSplit),
    ...modelFingerprints(model),
  };
}

/** Throws `bad-input` where one of these is not what the run was trained with. */
export function checkUnchanged(run: RunFolder, now: Fingerprints): void {
  const { fingerprints } = run.record();
  for (const [what, fingerprint] of Object.entries(now)) {
    if (fingerprints[what] === fingerprint) continue;
    throw new DeptError('bad-input', `The ${what} of the run is not what it was`, {
      path: run.folder,
      expected: `fingerprint ${fingerprints[what] ?? 'unknown'}`,
      got: `fingerprint ${fingerprint}`,
      remedy: 'Bring back what the run was trained with, or start a new run.',
    });
  }
}

export function versions(): Record<string, string> {
  return {
    'dept-studio': manifest.version,
    node: process.versions.node,
    'onnxruntime-node': manifest.dependencies['onnxruntime-node'],
    platform: `${process.platform}-${process.arch}`,
  };
}
