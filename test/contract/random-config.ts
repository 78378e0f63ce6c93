/** Complete training configs at random, made from what the list of fields says that a value may be. */
import { DeptError } from '../../engine/common/errors.ts';
import type { Random } from '../../engine/common/random.ts';
import { configFields } from '../../engine/contract/config-fields.ts';
import { applySettings, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import type { TrainConfig } from '../../engine/contract/train-config.ts';

/** Texts that a shell, JSON or a parser of options could read as something else. */
const texts = [
  "it's",
  'two words',
  '-1',
  '--set',
  '$HOME',
  '`x`',
  'null',
  '12',
  '"quoted"',
  'a=b',
  'ünï\ncode',
  '*',
  '\\',
];

function numberOf(type: string, random: Random): number {
  const least = Number(/>=? (-?[\d.]+)/.exec(type)?.[1] ?? -5);
  const below = Number(/< (-?[\d.]+)/.exec(type)?.[1] ?? least + 10);
  const value = random.between(least, below);
  return type.startsWith('whole') ? Math.ceil(random.between(least, least + 3000)) : value;
}

/** A value of a type as `ConfigField` words it. */
function drawValue(type: string, random: Random): unknown {
  if (type.startsWith('[')) {
    const parts = type.slice(1, -1).split(/, (?=number)/);
    return parts.map((part) => drawValue(part, random));
  }
  const kind = random.pick(type.split(/ or | \| /));
  if (kind === 'null') return null;
  if (kind === 'text') return random.pick(texts);
  if (kind === 'boolean') return random.chance(0.5);
  return kind.startsWith('whole') || kind.startsWith('number') ? numberOf(kind, random) : kind;
}

const namesOf = (path: string): string[] =>
  configFields()
    .filter((field) => field.path === path)
    .map(({ type }) => type);

/** One try: may be refused, as where warm-up is longer than training. */
function attempt(base: object, random: Random): TrainConfig {
  const names = {
    'method.name': random.pick(namesOf('method.name')),
    'optimiser.name': random.pick(namesOf('optimiser.name')),
  };
  const chosen: Readonly<Record<string, string>> = { method: names['method.name'], optimiser: names['optimiser.name'] };
  const open = configFields().filter(({ path, variant }) => {
    return !(path in names) && (variant === undefined || chosen[path.split('.')[0]!] === variant);
  });
  const needed = ['task', 'dataset.name', 'vision.model', 'language.model'];
  const taken = open.filter(({ path }) => needed.includes(path) || random.chance(0.15));
  const values = [...Object.entries(names), ...taken.map(({ path, type }) => [path, drawValue(type, random)] as const)];
  const settings = values.map(
    ([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parseTrainConfig(applySettings({ ...base }, settings));
}

/** A config that is accepted; `base` has the fields that are not drawn. */
export function randomConfig(random: Random, base: object = {}): TrainConfig {
  for (;;) {
    try {
      return attempt(base, random);
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
    }
  }
}
