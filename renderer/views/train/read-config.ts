/** A training config from a JSON text that a person gave. Pure. */
import { toDeptError } from '../../../engine/contract/errors.ts';
import { checkTrainConfig, type Fields, parseJsonText } from '../../../engine/contract/parse-config.ts';

/**
 * The config in the text, or in a run's `run.json`. Values may still be wrong: the form shows that. Throws `bad-config` for what is
 * no JSON object, and for settings that no config has.
 */
export function readConfig(text: string): Fields {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (cause) {
    throw toDeptError({
      code: 'bad-config',
      message: 'This is not JSON',
      got: cause instanceof Error ? cause.message : String(cause),
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw toDeptError({ code: 'bad-config', message: 'A training config is a JSON object', got: text.slice(0, 80) });
  }
  const fields = value as Fields;
  const inner = fields.config;
  const config = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Fields) : fields;
  const checked = checkTrainConfig(config);
  const unknown =
    'problems' in checked ? checked.problems.find(({ message }) => message.startsWith('Unknown')) : undefined;
  if (unknown !== undefined) throw unknown;
  return config;
}
