/** The config that a person is filling in: what it started from, what was changed, what is wrong with it. */
import type { ChosenNames } from '../../../engine/contract/config-fields.ts';
import { type ErrorRecord, toErrorRecord } from '../../../engine/contract/errors.ts';
import { checkTrainConfig, type Fields, layOver } from '../../../engine/contract/parse-config.ts';
import { type Preset, presets, solvedSettings } from '../../../engine/contract/presets.ts';
import { namedGroups, type Task, type TrainConfig } from '../../../engine/contract/train-config.ts';
import { sameSetting, settingAt, usualSettings, withSetting } from '../../lib/config-defaults.ts';
import { chosenNames } from './form-sections.ts';
import { type Library, libraryProblems, withDataset } from './train-library.ts';

/** What a form begins with: a preset, the settings of a run, a file, or nothing but the usual values. */
export type Start =
  | { readonly kind: 'preset'; readonly preset: Preset }
  | { readonly kind: 'usual' }
  | { readonly kind: 'run'; readonly run: string; readonly config: Fields }
  | { readonly kind: 'file'; readonly config: Fields };

interface Draft {
  /** What the address asked for. */
  readonly asked: string;
  readonly start: Start;
  readonly config: Fields;
}

/** Where what is wrong stands in the form, and for a screen reader in words. */
export type Problems = ReadonlyMap<string, string>;

const KEY = 'train-draft';

/** Names that decide what the usual values of others are. */
const usualNames: ReadonlyMap<string, string> = new Map([
  ...Object.entries(namedGroups).map(([group, name]) => [`${group}.name`, name] as const),
  ['schedule.name', 'linear'],
]);

/** What is chosen once, and stays when another preset is taken. */
const kept = ['dataset', 'vision', 'language'] as const;

/** What is not in a config by itself: the chosen language model's d, and what runs compute on by the settings of the program. */
interface Machine {
  readonly width?: number | undefined;
  readonly computing?: Fields;
}

const computingPaths = ['threads', 'device'];

function startFields(start: Start, task: Task, { width, computing = {} }: Machine): Fields {
  if (start.kind === 'preset') return layOver(presets[start.preset](task, width), computing);
  return start.kind === 'usual' ? { task, ...computing } : start.config;
}

/** The settings of a start that come from the machine. */
function followedPaths(start: Start): readonly string[] {
  if (start.kind === 'preset') return [...solvedSettings[start.preset], ...computingPaths];
  return start.kind === 'usual' ? computingPaths : [];
}

function keptDraft(): Draft | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Draft | null) ?? undefined;
  } catch {
    return undefined; // of another version
  }
}

export class TrainForm {
  start = $state.raw<Start>({ kind: 'preset', preset: 'quick' });
  /** Only what differs from the usual values, or was given: the rest is filled in by the schema. */
  config = $state.raw<Fields>(presets.quick('vqa'));
  readonly task: Task = $derived(this.config.task === 'caption' ? 'caption' : 'vqa');
  /** The names in force that decide which settings there are. */
  readonly chosen: ChosenNames = $derived(chosenNames(this.config));
  readonly usual: ReadonlyMap<string, unknown> = $derived(usualSettings(this.config));
  #machine = $state.raw<Machine>({});
  readonly #begun: Fields = $derived(startFields(this.start, this.task, this.#machine));
  readonly #checked = $derived(checkTrainConfig(this.config));
  /** Complete, where nothing is wrong. */
  readonly parsed: TrainConfig | undefined = $derived('config' in this.#checked ? this.#checked.config : undefined);
  /** What there is to train on and with; undefined while that is not known. */
  library = $state.raw<Library>();
  /** By dotted path. */
  readonly problems: Problems = $derived(
    new Map([
      ...(this.library === undefined ? [] : libraryProblems(this.config, this.library)),
      ...('problems' in this.#checked ? problemsByPath(this.#checked.problems.map(toErrorRecord)) : []),
    ]),
  );

  #asked = '{}';

  /** The value in force. */
  at(path: string): unknown {
    return settingAt(this.config, path) ?? usualNames.get(path) ?? this.usual.get(path);
  }

  /** What it was at the start. */
  begunWith(path: string): unknown {
    return settingAt(this.#begun, path) ?? usualNames.get(path) ?? this.usual.get(path);
  }

  /** True where a person changed it; what has no usual value is chosen, not changed. */
  isChanged(path: string): boolean {
    const before = this.begunWith(path);
    return before !== undefined && !sameSetting(before, this.at(path));
  }

  /** Undefined takes the usual value; a name that decides others is always given. */
  set(path: string, value: unknown): void {
    if (path === 'dataset.name') this.config = withDataset(this.config, value);
    // Another method or optimiser has other settings.
    else if (usualNames.has(path)) this.config = layOver(this.config, withSetting({}, path, value));
    else this.config = withSetting(this.config, path, value);
    this.#keep();
  }

  reset(path: string): void {
    this.set(path, settingAt(this.#begun, path) ?? usualNames.get(path));
  }

  /** Takes another start for a task; data and models that were chosen stay where the start names none. */
  begin(start: Start, task: Task = this.task): void {
    const fields = startFields(start, task, this.#machine);
    const mine = Object.fromEntries(
      kept.flatMap((group) => {
        const key = group === 'dataset' ? 'name' : 'model';
        const name = settingAt(this.config, `${group}.${key}`);
        return typeof name === 'string' ? [[group, { [key]: name }]] : [];
      }),
    );
    this.start = start;
    this.config = layOver(mine, fields);
    this.#keep();
  }

  /** What the start takes from the machine follows it, unless a person changed it. */
  fitTo(machine: Machine): void {
    const untouched = followedPaths(this.start).filter((path) => !this.isChanged(path));
    this.#machine = machine;
    for (const path of untouched.filter((each) => this.isChanged(each))) this.reset(path);
  }

  /** A whole config from elsewhere. */
  load(start: Extract<Start, { config: Fields }>): void {
    this.start = start;
    this.config = start.config;
    this.#keep();
  }

  /**
   * What this window was filling in before it was loaded anew. True where the draft began with what the address asks for, or the
   * address asks for nothing: there is nothing more to do.
   */
  restore(asked: string): boolean {
    this.#asked = asked;
    const draft = keptDraft();
    if (draft === undefined) return false;
    this.start = draft.start;
    this.config = draft.config;
    return draft.asked === asked || asked === '{}';
  }

  #keep(): void {
    sessionStorage.setItem(
      KEY,
      JSON.stringify({ asked: this.#asked, start: this.start, config: this.config } satisfies Draft),
    );
  }
}

function problemsByPath(problems: readonly ErrorRecord[]): Problems {
  return new Map(
    problems.map(({ message, path = '', expected, got, remedy }) => {
      const isMissing = expected === 'text' && got === undefined;
      const needed = expected === undefined ? message : `Must be ${inWords(expected)}`;
      return [path, [isMissing ? 'Choose one' : needed, remedy].filter(Boolean).join('. ')] as const;
    }),
  );
}

/** A type in the signs of the schema, `whole number >= 1 or null`, as a sentence has it. */
function inWords(type: string): string {
  return type
    .replaceAll('null', 'empty')
    .replaceAll(' | ', ', ')
    .replaceAll('>= ', 'at least ')
    .replaceAll('> ', 'above ')
    .replaceAll('< ', 'below ');
}

/** Counts what was changed among these paths. */
export function changedCount(form: TrainForm, paths: readonly string[]): number {
  return paths.filter((path) => form.isChanged(path)).length;
}

/** All settings of a config as JSON, in the order of the schema where it is complete. */
export function asJson(form: TrainForm): string {
  return JSON.stringify(form.parsed ?? form.config, null, 2);
}
