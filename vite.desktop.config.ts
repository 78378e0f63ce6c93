/**
 * Builds what Electron runs, with `vite build --app --config vite.desktop.config.ts`: main as one module and the preload as
 * one CommonJS file to dist/desktop, and everything that runs under Node (engine, command line, server) as it stands in the
 * source, file by file, so that it finds its assets beside itself.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';
import manifest from './package.json' with { type: 'json' };

const root = import.meta.dirname;
const out = join(root, 'dist');

/** What the engine reads at run time, by its place relative to its own modules. */
const assets = [
  'assets/models',
  'assets/onnx-example',
  'assets/scenes/recipe.json',
  'engine/metrics/wordnet-exceptions.txt',
];

/** Entries of processes under Node. */
const nodeEntries = [
  'main/cli/dept.ts',
  'main/bench-process.ts',
  'main/device-process.ts',
  'main/engine-process.ts',
  'main/desktop/engine-entry.ts',
  'main/desktop/picture-trial.ts',
];

const builtins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`), 'electron'];
const installed = Object.keys(manifest.dependencies);

/** Whether this is a package, or a file of one: `sharp`, `csv-parse/sync`. */
function isInstalled(id: string): boolean {
  return installed.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Each build begins with nothing of an earlier one in its folders; dist/renderer is another build's. */
function assetsPlugin(): Plugin {
  return {
    name: 'dept-assets',
    applyToEnvironment: ({ name }) => name === 'node',
    buildStart() {
      for (const folder of ['assets', 'desktop', 'engine', 'main'])
        rmSync(join(out, folder), { recursive: true, force: true });
    },
    writeBundle() {
      for (const asset of assets) {
        mkdirSync(dirname(join(out, asset)), { recursive: true });
        cpSync(join(root, asset), join(out, asset), { recursive: true });
      }
      writeFileSync(join(out, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
    },
  };
}

type Rolldown = NonNullable<NonNullable<EnvironmentOptions['build']>['rolldownOptions']>;

function nodeBuild(outDir: string, rolldownOptions: Rolldown): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true }, // what stays outside is said below, once
    build: {
      outDir,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: false,
      ssr: true,
      rolldownOptions,
    },
  };
}

export default defineConfig({
  publicDir: false,
  plugins: [assetsPlugin()],
  environments: {
    node: nodeBuild('dist', {
      input: nodeEntries,
      external: (id) => builtins.includes(id) || isInstalled(id),
      output: { format: 'es', preserveModules: true, preserveModulesRoot: root, entryFileNames: '[name].js' },
    }),
    main: nodeBuild('dist/desktop', {
      input: 'main/desktop/main.ts',
      external: builtins,
      output: { format: 'es', entryFileNames: 'main.js', codeSplitting: false },
    }),
    preload: nodeBuild('dist/desktop', {
      input: 'main/desktop/preload.ts',
      external: builtins,
      output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
    }),
  },
  builder: {
    buildApp: async (builder) => {
      for (const name of ['node', 'main', 'preload']) await builder.build(builder.environments[name]!);
    },
  },
});
