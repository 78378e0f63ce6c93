/** The arrows of the house, as ARCHITECTURE.md draws them: the build fails when one turns round. */

/** Inside the engine a folder imports only from folders that stand before it here (and from itself). */
const engineFolders = [
  'common',
  'onnx',
  'graph',
  'runtime',
  'weights',
  'tokenizer',
  'models',
  'vision-language',
  'tuning',
  'adapters',
  'training',
  'decoding',
  'data',
  'metrics',
  'runs',
  'contract',
  'service',
];

/** These stand apart: others may read them, they themselves read only the common ground. */
const apart = ['runs', 'contract'];

const anyOf = (folders) => `^engine/(${folders.join('|')})/`;

const engineArrows = engineFolders.map((folder, position) => ({
  name: `engine-${folder}`,
  comment: `engine/${folder} imports only from folders above it`,
  severity: 'error',
  from: { path: anyOf([folder]) },
  to: {
    path: '^engine/',
    pathNot: anyOf(apart.includes(folder) ? ['common', folder] : engineFolders.slice(0, position + 1)),
  },
}));

export default {
  forbidden: [
    ...engineArrows,
    {
      name: 'engine-listed-folders',
      comment: 'every file of the engine lies in one of the listed folders',
      severity: 'error',
      from: { path: '^engine/', pathNot: anyOf(engineFolders) },
      to: {},
    },
    {
      name: 'engine-inward',
      comment: 'the engine knows none of its faces',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^(main|renderer|assets|test)/' },
    },
    {
      name: 'engine-no-faces',
      comment: 'the engine knows nothing of Electron, HTTP or terminals',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: '^((node:)?(http|https|http2|net|tty|readline)|electron|node_modules/(electron|commander)/.*)$' },
    },
    {
      name: 'one-importer-of-onnxruntime',
      comment: 'only engine/runtime touches ONNX Runtime, and the example that is exported for use without the engine',
      severity: 'error',
      from: { path: '^(engine|main|renderer|assets)/', pathNot: '^(engine/runtime|assets/onnx-example)/' },
      to: { path: '(^|/)onnxruntime-(node|common|web)' },
    },
    {
      name: 'main-to-engine',
      comment: 'main imports only the engine',
      severity: 'error',
      from: { path: '^main/' },
      to: { path: '^(renderer|assets|test)/' },
    },
    {
      name: 'renderer-to-contract',
      comment: 'the renderer sees the contract and nothing else of the engine',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(engine|main|assets|test)/', pathNot: '^engine/contract/' },
    },
    {
      name: 'assets-to-engine',
      comment: 'recipes of assets use the engine only',
      severity: 'error',
      from: { path: '^assets/' },
      to: { path: '^(main|renderer|test)/' },
    },
    {
      name: 'one-folder-touches-electron',
      comment: 'only main/desktop runs under Electron',
      severity: 'error',
      from: { path: '^(engine|main|renderer|assets)/', pathNot: '^main/desktop/' },
      to: { path: '^(electron|node_modules/electron/.*)$' },
    },
    {
      name: 'no-circular',
      comment: 'files that need each other are one file, or want a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'every import leads somewhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment: 'what ships needs only what is installed with it',
      severity: 'error',
      from: { path: '^(engine|main)/' },
      to: {
        path: '.',
        pathNot: '^node_modules/electron/', // comes with the packaged program by itself
        dependencyTypes: ['npm-dev', 'npm-no-pkg'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true, // a type-only import is an arrow too
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'node', 'default', 'types'],
    },
  },
};
