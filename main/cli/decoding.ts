/** `--set` where a trained run generates text: otherwise than its own config says. */
import { Option } from 'commander';
import { DeptError } from '../../engine/common/errors.ts';
import { type Decoding, decodingFields } from '../../engine/contract/decoding-config.ts';
import { applySettings, type Fields } from '../../engine/contract/parse-config.ts';
import { collect } from './arguments.ts';

export interface DecodingOptions {
  readonly set?: readonly string[];
}

export function decodingOption(): Option {
  const paths = Object.keys(decodingFields).map((name) => `evaluation.${name}`);
  const description = `generate otherwise than in training: ${paths.join(', ')} (see dept train --help)`;
  return new Option('--set <path=value>', description).argParser(collect);
}

/** What a request takes. Throws `bad-config` for any other setting; the values are checked where the run is opened. */
export function decodingOf({ set = [] }: DecodingOptions): { readonly decoding?: Partial<Decoding> } {
  if (set.length === 0) return {};
  const { evaluation = {}, ...others } = applySettings({}, set);
  const wrong = [
    ...Object.keys(others),
    ...Object.keys(evaluation as Fields).flatMap((name) => (name in decodingFields ? [] : [`evaluation.${name}`])),
  ];
  if (wrong.length === 0) return { decoding: evaluation as Partial<Decoding> };
  throw new DeptError('bad-config', 'Only how text is generated can differ from the run', {
    expected: Object.keys(decodingFields)
      .map((name) => `evaluation.${name}`)
      .join(', '),
    got: wrong.join(', '),
  });
}
