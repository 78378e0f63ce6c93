/** Names that would lead out of the home folder, or that no file system takes; and the commands that are given names. */
import type { ExpectedError } from './expected.ts';

export const badNames: Readonly<Record<string, string>> = {
  'through the folder above': '../outside',
  'through the folder above, from within': 'a/../../outside',
  'the folder above': '..',
  'the folder itself': '.',
  absolute: '/tmp/outside',
  'of another system': '..\\outside',
  'of a drive': 'C:outside',
  hidden: '.outside',
  'of two lines': 'out\nside',
  'of two folders': 'out/side',
  'with a blank at its end': 'outside ',
  'of a thousand letters': 'x'.repeat(1000),
  'of a million letters': 'x'.repeat(2 ** 20),
};

interface NameDoor extends ExpectedError {
  /** `{folder}`: of a model, an adapter or pictures. */
  readonly command: readonly string[];
}

/** Commands that take a path of anywhere. */
export const reading: readonly NameDoor[] = [
  { command: ['models', 'add'], code: 'bad-file', message: /cannot be read/, got: /ENAMETOOLONG/ },
  { command: ['data', 'import', '--name', 'x'], code: 'bad-file', message: /cannot be read/, got: /ENAMETOOLONG/ },
  {
    command: ['data', 'import', '--name', 'x', '{table}', '--images'],
    code: 'bad-file',
    message: /cannot be read/,
    got: /ENAMETOOLONG/,
  },
];

/** Commands that would make a folder of the name. */
export const making: readonly NameDoor[] = (
  [
    ['model', ['models', 'add', '{model}', '--name']],
    ['dataset', ['data', 'import', '{pictures}', '--name']],
    ['adapter', ['import-adapter', '{adapter}', '--name']],
  ] as const
).map(([what, command]) => ({
  command,
  code: 'bad-input',
  message: new RegExp(`^The ${what} cannot be called '`),
  expected: /letters, digits, dots, dashes and underscores/,
  remedy: /another name/,
}));

const unknown = { code: 'not-found', message: /^(There is no|No model) / } as const;

/** Commands that would read or remove a folder of the name. */
export const finding: readonly NameDoor[] = [
  { command: ['models', 'show'], ...unknown },
  { command: ['models', 'remove'], ...unknown },
  { command: ['models', 'check'], ...unknown },
  { command: ['data', 'show'], code: 'bad-input', message: /^The dataset cannot be called '/ },
  { command: ['data', 'remove'], code: 'bad-input', message: /^The dataset cannot be called '/ },
  { command: ['adapters', 'show'], ...unknown },
  { command: ['adapters', 'remove'], ...unknown },
  { command: ['runs', 'show'], ...unknown },
  { command: ['runs', 'remove'], ...unknown },
];
