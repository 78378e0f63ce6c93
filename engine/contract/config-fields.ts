/** The fields of the training config as a flat list, read off the schema: for help texts, settings and error messages. */
import { z } from 'zod';
import { nearest } from '../common/nearest.ts';
import { trainConfigSchema } from './train-config.ts';

export interface ConfigField {
  /** Dotted path, such as `learningRates.prompt`. */
  readonly path: string;
  /** What a value may be, in words: `whole number >= 1 or null`. */
  readonly type: string;
  /** True where only text is allowed, and maybe null, so that a setting is not read as a number. */
  readonly textOnly: boolean;
  readonly description: string;
  readonly default?: unknown;
  /** For a field of one method or optimiser only: its name. */
  readonly variant?: string;
  /** What a form offers for it. */
  readonly input: FieldInput;
}

export type FieldInput =
  /** Any text; empty stands for null where that is allowed. */
  | { readonly kind: 'text'; readonly nullable: boolean }
  /** One of a few values: names, true and false, null. */
  | { readonly kind: 'choice'; readonly values: readonly (string | boolean | null)[] }
  /** A number, or one of a few words; `least` is itself allowed unless `above`. */
  | {
      readonly kind: 'number';
      readonly whole: boolean;
      readonly least?: number;
      readonly above?: number;
      readonly below?: number;
      /** Allowed beside numbers: `last`, null. */
      readonly words: readonly (string | null)[];
    }
  | { readonly kind: 'numbers'; readonly count: number };

/** The name in force in each group whose fields depend on it, such as `{ method: 'dept' }`. */
export type ChosenNames = Readonly<Record<string, string>>;

/** The part of JSON Schema that the training config uses. */
interface Schema {
  type?: string | readonly string[];
  const?: string;
  enum?: readonly string[];
  properties?: Record<string, Schema>;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  prefixItems?: readonly Schema[];
  minimum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  description?: string;
  default?: unknown;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' or ');
  if (schema.type === 'string') return 'text';
  if (schema.type !== 'integer' && schema.type !== 'number') return (schema.type as string | undefined) ?? 'value';
  const bounds = [
    schema.minimum === undefined ? '' : ` >= ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? '' : ` > ${schema.exclusiveMinimum}`,
    schema.exclusiveMaximum === undefined ? '' : ` < ${schema.exclusiveMaximum}`,
  ];
  return (schema.type === 'integer' ? 'whole number' : 'number') + bounds.filter((bound) => bound !== '').join(',');
}

/** All values of a schema that has only a few; undefined where it has more. */
function valuesOf(schema: Schema): readonly (string | boolean | null)[] | undefined {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum;
  if (schema.type === 'boolean') return [true, false];
  if (schema.type === 'null') return [null];
  const parts = schema.anyOf?.map(valuesOf);
  return parts?.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function inputOf(schema: Schema): FieldInput {
  const values = valuesOf(schema);
  if (values !== undefined) return { kind: 'choice', values };
  if (schema.prefixItems !== undefined) return { kind: 'numbers', count: schema.prefixItems.length };
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum, exclusiveMinimum, exclusiveMaximum } = schema;
    return {
      kind: 'number',
      whole: schema.type === 'integer',
      ...(minimum !== undefined && { least: minimum }),
      ...(exclusiveMinimum !== undefined && { above: exclusiveMinimum }),
      ...(exclusiveMaximum !== undefined && { below: exclusiveMaximum }),
      words: [],
    };
  }
  const types = typeof schema.type === 'string' ? [] : (schema.type ?? []);
  const parts = schema.anyOf ?? types.map((type) => ({ ...schema, type }));
  const number = parts.map(inputOf).find((input) => input.kind === 'number');
  if (number === undefined) return { kind: 'text', nullable: parts.some(({ type }) => type === 'null') };
  const words = parts.flatMap((part) => valuesOf(part) ?? []).filter((value) => typeof value !== 'boolean');
  return { ...number, words: [...number.words, ...words] };
}

function* walk(schema: Schema, prefix: string, variant?: string): Generator<ConfigField> {
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const path = prefix + key;
    if (field.properties !== undefined) yield* walk(field, `${path}.`, variant);
    else if (field.oneOf !== undefined) {
      for (const option of field.oneOf) yield* walk(option, `${path}.`, option.properties?.name?.const);
    } else {
      yield {
        path,
        type: typeOf(field),
        textOnly: inputOf(field).kind === 'text',
        description: field.description ?? '',
        ...(field.default === undefined ? {} : { default: field.default }),
        ...(variant === undefined ? {} : { variant }),
        input: inputOf(field),
      };
    }
  }
}

let fields: readonly ConfigField[] | undefined;

/** Every field, in the order of the schema; a field that several variants have appears once for each. Made when first asked for. */
export function configFields(): readonly ConfigField[] {
  fields ??= [...walk(z.toJSONSchema(trainConfigSchema, { io: 'input' }) as Schema, '')];
  return fields;
}

function isIn({ path, variant }: ConfigField, chosen: ChosenNames): boolean {
  return variant === undefined || chosen[path.slice(0, path.indexOf('.'))] === variant;
}

/** The field at a path; `chosen` decides between the variants' own fields. */
export function fieldAt(path: string, chosen: ChosenNames): ConfigField | undefined {
  return configFields().find((field) => field.path === path && isIn(field, chosen));
}

/** True where the path names a group of fields, such as `learningRates`. */
export function isGroup(path: string): boolean {
  return configFields().some((field) => field.path.startsWith(`${path}.`));
}

/** The way out of an unknown path: the nearest name at that place, else the same name elsewhere, else the names at that place. */
export function suggestion(path: string, chosen: ChosenNames): string {
  const known = configFields().filter((field) => isIn(field, chosen));
  const dot = path.lastIndexOf('.');
  const [group, name] = [path.slice(0, dot + 1), path.slice(dot + 1)];
  const inGroup = known.filter((field) => field.path.startsWith(group));
  const names = new Set(inGroup.map((field) => field.path.slice(group.length).split('.')[0]!));

  const near = nearest(name, names);
  if (near !== undefined) return `did you mean ${group}${near}?`;
  const elsewhere = known.find((field) => field.path.endsWith(`.${name}`))?.path;
  if (elsewhere !== undefined) return `did you mean ${elsewhere}?`;
  return names.size === 0
    ? suggestion(group.slice(0, -1), chosen)
    : `known ${group === '' ? 'at the top' : `in ${group.slice(0, -1)}`}: ${[...names].join(', ')}`;
}
