/** A run that starts from what was trained before: an imported adapter, or a checkpoint of another run (PETL of the DePT paper). */
import { createHash } from 'node:crypto';
import { type Adapter, encoderPrompt } from '../adapters/adapter.ts';
import { DeptError } from '../common/errors.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { ParameterValues } from '../training/train-step.ts';
import { PROMPT } from '../tuning/soft-prompt.ts';
import { asFloats } from '../weights/safetensors.ts';
import type { TorchTensor } from '../weights/torch-writer.ts';
import { findAdapter, type NamedAdapter } from './adapters.ts';
import type { OpenModel } from './open-model.ts';

export interface StartValues extends NamedAdapter {
  /** Of all values that are taken. */
  readonly fingerprint: string;
}

/** What a run starts from; undefined for fresh values. Throws `not-found`, `bad-input` where it does not fit, and the errors of its files. */
export function openStart(home: string, config: TrainConfig, { clipT5 }: OpenModel): StartValues | undefined {
  if (config.startFrom === null) return undefined;
  const named = findNamed(home, config.startFrom);
  checkFits(named, config, clipT5.config.width);
  const hash = createHash('sha256');
  for (const [name, { data, shape }] of Object.entries(valuesOf(named.adapter))) {
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return { ...named, fingerprint: hash.digest('hex').slice(0, 16) };
}

/** `cola`, `20261123-1412-vqa-dept-ab12`, `20261123@last`, `20261123@400`. */
function findNamed(home: string, reference: string): NamedAdapter {
  const [name = '', which = 'best', ...rest] = reference.split('@');
  const isCheckpoint = which === 'best' || which === 'last' || /^\d+$/.test(which);
  if (name !== '' && isCheckpoint && rest.length === 0) {
    return findAdapter(home, name, which === 'best' || which === 'last' ? which : Number(which));
  }
  throw new DeptError('bad-config', 'A run cannot start from this', {
    path: 'startFrom',
    expected: 'the name of an adapter, or a run: its id, id@last or id@STEP',
    got: reference,
  });
}

function valuesOf(adapter: Adapter): Readonly<Record<string, TorchTensor>> {
  const prompt = PROMPT in adapter.tensors && { [PROMPT]: encoderPrompt(adapter) };
  return { ...adapter.tensors, ...prompt, ...adapter.projection };
}

/** Settings that must be those of the adapter: [path, the adapter's, the run's]. */
function settingsOf(adapter: Adapter, { method, maxTextLength }: TrainConfig): [string, unknown, unknown][] {
  const settings: [string, unknown, unknown][] = [];
  const hasUpdate = adapter.rank > 0 && adapter.missing.length === 0;
  if (adapter.promptLength > 0) settings.push(['method.promptLength', adapter.promptLength, method.promptLength]);
  if (!hasUpdate) return settings;
  const own = method.name === 'dept' ? method : { rank: 0, alpha: 8 };
  settings.push(
    ['method.name', 'dept', method.name],
    ['method.rank', adapter.rank, own.rank],
    ['maxTextLength', adapter.maxTextLength, maxTextLength],
    ['method.alpha', adapter.alpha, own.alpha],
  );
  return settings;
}

function checkFits({ name, adapter }: NamedAdapter, config: TrainConfig, width: number): void {
  if (adapter.width !== width) {
    throw new DeptError('bad-input', `'${name}' was trained on a language model of another width`, {
      path: 'language.model',
      expected: `a T5 of width d ${adapter.width}${adapter.config.base_model_name_or_path ? `, as ${adapter.config.base_model_name_or_path}` : ''}`,
      got: `${config.language.model}, width ${width}`,
    });
  }
  const differing = settingsOf(adapter, config).filter(([, theirs, ours]) => theirs !== ours);
  if (differing.length === 0) return;
  const words = (which: 1 | 2): string => differing.map((one) => `${one[0]} ${one[which]}`).join(', ');
  throw new DeptError('bad-input', `The run's settings are not those that '${name}' was trained with`, {
    path: differing[0]![0],
    expected: words(1),
    got: words(2),
    remedy: `Start with ${differing.map(([path, theirs]) => `--set ${path}=${theirs}`).join(' ')}`,
  });
}

/** `parameters` with the values of the start in place of fresh ones. Throws `bad-input` for a projection of another shape or kind. */
export function withStartValues(
  parameters: readonly ParameterValues[],
  { name, adapter }: StartValues,
): readonly ParameterValues[] {
  const values = valuesOf(adapter);
  const specs = parameters.map(({ spec }) => spec);
  const projected = Object.keys(adapter.projection);
  const wanted = specs.filter(({ group }) => group === 'projection');
  const fits =
    projected.length === 0 ||
    (projected.length === wanted.length &&
      wanted.every((spec) => values[spec.name]?.shape.join() === spec.shape.join()));
  if (!fits) {
    const words = (list: readonly (readonly [string, readonly number[] | undefined])[]): string =>
      list.map(([tensor, shape]) => `${tensor} [${shape?.join(', ')}]`).join(', ');
    throw new DeptError('bad-input', `'${name}' has a projection of other visual tokens`, {
      path: 'vision',
      expected: words(projected.map((tensor) => [tensor, values[tensor]!.shape])),
      got: words(wanted.map((spec) => [spec.name, spec.shape])),
      remedy: 'Take the vision model and the projection that it was trained with.',
    });
  }
  return parameters.map((parameter) => {
    const tensor = values[parameter.spec.name];
    if (tensor === undefined) return parameter;
    const info = { name: parameter.spec.name, dtype: tensor.dtype };
    return { ...parameter, values: asFloats(info, tensor.data, adapter.folder).slice() };
  });
}

/** For the run's log: whose values these are, and which are fresh. */
export function startWords(parameters: readonly ParameterValues[], { name, step, adapter }: StartValues): string {
  const values = valuesOf(adapter);
  const fresh = parameters.filter(({ spec }) => values[spec.name] === undefined).map(({ spec }) => spec.name);
  const from = step === undefined ? `the adapter ${name}` : `${name} at step ${step}`;
  return `First values are those of ${from}${fresh.length === 0 ? '' : `; fresh: ${fresh.join(', ')}`}`;
}
