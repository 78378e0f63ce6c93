/** JSON files of settings, of models, of adapters, of runs and of predictions, as nobody should write them. */
import { symlinkSync } from 'node:fs';
import { type ExpectedError, type Make, namedPipe } from './expected.ts';

/** Where the file goes, and which command reads it; the other files there are whole. */
export type Door =
  | 't5/config.json'
  | 't5/tokenizer.json'
  | 't5/generation_config.json'
  | 't5/spiece.model'
  | 'clip/config.json'
  | 'clip/preprocessor_config.json'
  | 'adapter_config.json'
  | 'train.json'
  | 'settings.json'
  | 'run.json'
  | 'metrics.jsonl'
  | 'dataset.json'
  | 'predictions.json'
  | 'references.json';

export interface BadConfig extends ExpectedError {
  readonly name: string;
  readonly door: Door;
  /** A text, or changes to the fields of the whole file. */
  readonly content: Make | string | Uint8Array | Readonly<Record<string, unknown>>;
}

const all: readonly Door[] = [
  't5/config.json',
  't5/tokenizer.json',
  'clip/config.json',
  'clip/preprocessor_config.json',
  'adapter_config.json',
  'train.json',
  'settings.json',
  'run.json',
  'dataset.json',
  'predictions.json',
];

/** What can be wrong with any of them. */
const anywhere: readonly Omit<BadConfig, 'door'>[] = [
  {
    name: 'half-written',
    content: '{"model_type": "t5", "d_mo',
    code: 'bad-file',
    message: /not valid JSON/,
    got: /Unterminated string in JSON at position 26 \(line 1 column 27\)/,
  },
  { name: 'empty', content: '', code: 'bad-file', message: /not valid JSON/, got: /Unexpected end/ },
  {
    name: 'UTF-16',
    content: Buffer.from('\ufeff{}', 'utf16le'),
    code: 'bad-file',
    message: /not UTF-8 text/,
    got: /UTF-16/,
    remedy: /again as UTF-8/,
  },
  {
    name: 'Latin-1',
    content: Buffer.from('{"a": "caf\xe9"}', 'latin1'),
    code: 'bad-file',
    message: /not UTF-8 text/,
    got: /Latin-1/,
    remedy: /again as UTF-8/,
  },
  {
    name: 'lists in lists, a million',
    content: '['.repeat(1_000_000),
    code: 'bad-file',
    message: /not valid JSON/,
    got: /nested more than 100 times/,
  },
  { name: 'a named pipe', content: namedPipe, code: 'bad-file', message: /not a file/, got: /a named pipe/ },
  {
    name: 'a device',
    content: (path) => symlinkSync('/dev/zero', path) as undefined,
    code: 'bad-file',
    message: /not a file/,
    got: /a device/,
  },
];

const field = (got: RegExp): ExpectedError => ({ code: 'bad-file', message: /does not have the expected fields/, got });

const particular: readonly BadConfig[] = [
  {
    name: 'a width in quotes',
    door: 't5/config.json',
    content: { d_model: '64' },
    ...field(/expected number, received string\s+→ at d_model/),
  },
  {
    name: 'a thousand million layers',
    door: 't5/config.json',
    content: { num_layers: 1e9 },
    ...field(/<=1000\s+→ at num_layers/),
  },
  { name: 'layers less than none', door: 't5/config.json', content: { num_layers: -1 }, ...field(/→ at num_layers/) },
  {
    name: 'another kind of model',
    door: 't5/config.json',
    content: { model_type: 'bart' },
    code: 'unsupported',
    message: /does not know this kind of model/,
    expected: /'clip' or 't5'/,
    got: /'bart'/,
  },
  {
    name: 'a way of generating that is not here',
    door: 't5/generation_config.json',
    content: { do_sample: true },
    code: 'unsupported',
    message: /not available here: do_sample/,
    expected: /do_sample false/,
  },
  {
    name: 'a token of the number 4,000,000,000',
    door: 't5/tokenizer.json',
    content: { added_tokens: [{ id: 4e9, content: '<x>' }] },
    ...field(/→ at added_tokens\[0\]\.id/),
  },
  {
    name: 'a normalizer that nobody knows',
    door: 't5/tokenizer.json',
    content: { normalizer: { type: 'Sequence' }, model: { type: 'WordPiece', vocab: {} } },
    code: 'bad-file',
    message: /cannot be built/,
    got: /→ at normalizers/,
  },
  {
    name: 'a pattern that would take for ever',
    door: 't5/tokenizer.json',
    content: { normalizer: { type: 'Replace', pattern: { Regex: '(\\w+\\s?)+$' }, content: '' } },
    code: 'bad-file',
    message: /cannot be built/,
    got: /the Regex \(\\w\+\\s\?\)\+\$: expected .*only the last of each may repeat\s+→ at pattern/,
    remedy: /published with a T5/,
  },
  {
    name: 'no sentencepiece model',
    door: 't5/spiece.model',
    content: 'not protobuf',
    code: 'bad-file',
    message: /Not a valid sentencepiece model/,
  },
  {
    name: 'a named pipe',
    door: 't5/spiece.model',
    content: namedPipe,
    code: 'bad-file',
    message: /not a file/,
    got: /a named pipe/,
  },
  {
    name: 'a picture of the size of a wall',
    door: 'clip/config.json',
    content: { vision_config: { image_size: 10_000_000 } },
    ...field(/→ at vision_config\.image_size/),
  },
  {
    name: 'a mean of two colours',
    door: 'clip/preprocessor_config.json',
    content: { image_mean: [0.5, 0.5] },
    code: 'bad-config',
    message: /preprocessing of the vision model is not supported/,
    got: /→ at image_mean/,
  },
  {
    name: 'a deviation of zero',
    door: 'clip/preprocessor_config.json',
    content: { image_std: [0.3, 0, 0.3] },
    code: 'bad-config',
    message: /preprocessing of the vision model is not supported/,
    got: /→ at image_std/,
  },
  {
    name: 'a prompt of a billion tokens',
    door: 'adapter_config.json',
    content: { num_virtual_tokens: 1e9 },
    ...field(/→ at num_virtual_tokens/),
  },
  {
    name: 'an adapter of another kind',
    door: 'adapter_config.json',
    content: { peft_type: 'LORA' },
    code: 'unsupported',
    message: /Adapters of the kind LORA are not read/,
    expected: /PROMPT_TUNING/,
  },
  {
    name: 'a key with a slip of the pen',
    door: 'train.json',
    content: { batchSiez: 8 },
    code: 'bad-config',
    message: /Unknown setting "batchSiez"/,
    remedy: /did you mean batchSize\?/,
  },
  {
    name: 'a key of a group at the top',
    door: 'train.json',
    content: { promptLength: 8 },
    code: 'bad-config',
    message: /Unknown setting "promptLength"/,
    remedy: /did you mean method\.promptLength\?/,
  },
  {
    name: 'a key of another optimiser',
    door: 'train.json',
    content: { optimiser: { name: 'adamw', momentum: 0.9 } },
    code: 'bad-config',
    message: /Unknown setting "optimiser\.momentum"/,
    remedy: /known in optimiser: name, betas/,
  },
  {
    name: "a key that is nobody's",
    door: 'train.json',
    content: { ['x'.repeat(2 ** 20)]: 1 },
    code: 'bad-config',
    message: /^Unknown setting "x{1000,2000}\.\.\.$/,
    remedy: /known at the top: task, dataset/,
  },
  {
    name: 'a number in quotes',
    door: 'train.json',
    content: { steps: '100' },
    code: 'bad-config',
    message: /"steps" has a wrong value/,
    expected: /whole number >= 1/,
    got: /"100"/,
  },
  {
    name: 'a list where a group should be',
    door: 'train.json',
    content: { evaluation: [] },
    code: 'bad-config',
    message: /"evaluation" has a wrong value/,
    expected: /a group of settings/,
  },
  {
    name: '__proto__ as a key',
    door: 'train.json',
    content: '{"__proto__": {"steps": 1}, "task": "vqa"}',
    code: 'bad-config',
    message: /__proto__|problems in the training config/,
  },
  {
    name: 'a theme that there is not',
    door: 'settings.json',
    content: { theme: 'drak' },
    ...field(/"system"\|"light"\|"dark"\s+→ at theme/),
  },
  { name: 'threads less than none', door: 'settings.json', content: { threads: -2 }, ...field(/→ at threads/) },
  { name: 'a status that there is not', door: 'run.json', content: { status: 'sleeping' }, ...field(/→ at status/) },
  { name: 'no config', door: 'run.json', content: { config: null }, ...field(/→ at config/) },
  {
    name: 'a line that is null',
    door: 'metrics.jsonl',
    content: '{"step":1,"loss":2}\nnull\n',
    code: 'bad-file',
    message: /A line of the file is damaged/,
    got: /^null$/,
    remedy: /Resume the run/,
  },
  {
    name: 'a step in quotes',
    door: 'metrics.jsonl',
    content: '{"step":"1","loss":2}\n',
    code: 'bad-file',
    message: /A line of the file is damaged/,
    got: /"step":"1"/,
  },
  {
    name: 'rates that are none',
    door: 'metrics.jsonl',
    content: '{"step":1,"loss":2,"rates":null}\n',
    code: 'bad-file',
    message: /A line of the file is damaged/,
  },
  {
    name: 'a format of the future',
    door: 'dataset.json',
    content: { formatVersion: 2 },
    ...field(/→ at formatVersion/),
  },
  {
    name: 'an index that is not there',
    door: 'dataset.json',
    content: { index: 'none.sqlite' },
    code: 'bad-file',
    message: /The index of the dataset "small" cannot be opened/,
    remedy: /import it again/,
  },
  {
    name: 'refusals of a kind that came never',
    door: 'dataset.json',
    content: { refused: { total: 0, byCode: { malformed: 0 } } },
    ...field(/→ at refused\.byCode\.malformed/),
  },
  {
    name: 'a list of refusals elsewhere',
    door: 'dataset.json',
    content: { refused: { total: 1, byCode: {}, file: '../other/refused.jsonl' } },
    ...field(/→ at refused\.file/),
  },
  { name: 'an index whose name has a zero', door: 'dataset.json', content: { index: '\0' }, ...field(/→ at index/) },
  {
    name: 'an index of a thousand letters',
    door: 'dataset.json',
    content: { index: 'x'.repeat(1000) },
    ...field(/→ at index/),
  },
  {
    name: 'an index elsewhere',
    door: 'dataset.json',
    content: { index: '../../../etc/passwd' },
    ...field(/→ at index/),
  },
  {
    name: 'a picture twice',
    door: 'predictions.json',
    content: '[{"image_id":1,"caption":"a"},{"image_id":"1","caption":"b"}]',
    code: 'bad-file',
    message: /same image_id comes more than once/,
    got: /^1$/,
  },
  {
    name: 'a caption that is a number',
    door: 'predictions.json',
    content: '[{"image_id":1,"caption":5}]',
    ...field(/→ at \[0\]\.caption/),
  },
  {
    name: 'a picture that was not asked for',
    door: 'predictions.json',
    content: '[{"image_id":7,"caption":"a"}]',
    code: 'bad-file',
    message: /no reference captions/,
    got: /^7$/,
  },
  {
    name: 'a table of references',
    door: 'references.json',
    content: 'image_id,caption\n',
    code: 'bad-file',
    message: /not valid JSON/,
  },
];

export const badConfigs: readonly BadConfig[] = [
  ...all.flatMap((door) => anywhere.map((bad) => ({ ...bad, door }))),
  ...particular,
];
