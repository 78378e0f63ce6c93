/** electron-builder.yml: right by electron-builder's own schema, and by what this project needs of it. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, matchesGlob, relative, sep } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { icns, ico } from '../../assets/icons/make-icons.ts';
import { builtFiles } from '../../main/desktop/built-files.ts';
import { entryFile } from '../../main/host/fork-child.ts';
import manifest from '../../package.json' with { type: 'json' };
import build from '../../vite.desktop.config.ts';

const root = join(import.meta.dirname, '..', '..');

interface Config {
  appId: string;
  productName: string;
  publish: null;
  npmRebuild: boolean;
  files: string[];
  asarUnpack: string[];
  fileAssociations?: unknown;
  electronFuses: Record<string, boolean>;
  directories: { buildResources: string };
  mac: {
    files: string[];
    entitlements: string;
    hardenedRuntime: boolean;
    icon: string;
    target: { target: string; arch: string[] }[];
  };
  win: { files: string[]; icon: string; target: { target: string; arch: string[] }[] };
  linux: { files: string[]; icon: string; target: { target: string; arch: string[] }[] };
}

/** The reader that electron-builder uses; it comes without types. */
const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };
const config = load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Config;
const schema = JSON.parse(readFileSync(join(root, 'node_modules/app-builder-lib/scheme.json'), 'utf8'));

describe('the schema', () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

  test('accepts it', () => {
    validate(config);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('would refuse a misspelt field', () => {
    expect(validate({ ...config, electronFuses: { ...config.electronFuses, runAsNodes: false } })).toBe(false);
    expect(validate({ ...config, asarUnpacked: [] })).toBe(false);
  });
});

test('the fuses are those of the security list', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
    resetAdHocDarwinSignature: true,
  });
});

test('nothing is published, rebuilt or associated by itself', () => {
  expect([config.publish, config.npmRebuild, config.fileAssociations]).toEqual([null, false, undefined]);
});

test('the targets are those that ONNX Runtime has binaries for', () => {
  const targetsOf = ({ target }: Config['mac' | 'win' | 'linux']) =>
    target.map(({ target: name, arch }) => `${name} ${arch}`);
  expect([config.mac, config.win, config.linux].map(targetsOf)).toEqual([
    ['dmg arm64', 'zip arm64'],
    ['nsis x64'],
    ['AppImage x64', 'deb x64'],
  ]);
  expect(config.mac.hardenedRuntime).toBe(true);
});

/** What a pattern of `files` leaves out, as a glob in this project. */
const excluded = (files: readonly string[]): string[] =>
  files.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
const ort = 'node_modules/onnxruntime-node/bin/napi-v6';

describe('files', () => {
  test('each exclusion of ONNX Runtime and sharp names what is there', () => {
    const patterns = [config.files, config.mac.files, config.win.files, config.linux.files].flatMap(excluded);
    // What is there depends on this machine: packages of other systems, and those that come with the app's own dependencies
    const checked = patterns.filter((pattern) => /onnxruntime-node|node_modules\/sharp\//.test(pattern));
    expect(checked.length).toBeGreaterThanOrEqual(6);
    for (const pattern of checked) {
      const matched = globSync(pattern.replace('/**', '/*'), { cwd: root });
      expect(matched, pattern).not.toEqual([]);
    }
  });

  test.each([
    ['mac', config.mac.files, ['darwin/arm64']],
    ['win', config.win.files, ['win32/x64']],
    ['linux', config.linux.files, ['linux/x64']],
  ])('%s packs its own ONNX Runtime only', (_name, files, expected) => {
    const out = new Set(
      excluded(files).flatMap((pattern) => globSync(pattern.replace(/\/\*\*$/, '/**/*'), { cwd: root })),
    );
    const all = globSync(`${ort}/*/*/onnxruntime_binding.node`, { cwd: root });
    const kept = all
      .filter((file) => !out.has(file))
      .map((file) =>
        file
          .slice(ort.length + 1)
          .split(/[/\\]/)
          .slice(0, 2)
          .join('/'),
      );
    expect(kept).toEqual(expected);
  });

  test('Linux packs no native sharp, the others no WebAssembly one', () => {
    const native = ['sharp-linux-x64', 'sharp-linux-arm64', 'sharp-linuxmusl-x64', 'sharp-libvips-linux-x64'];
    const isOut = (files: readonly string[], name: string) =>
      excluded(files).some((pattern) =>
        new RegExp(`^${pattern.replace('/**', '').replaceAll('*', '[^/]*')}$`).test(`node_modules/@img/${name}`),
      );
    for (const name of native) expect(isOut(config.linux.files, name), name).toBe(true);
    expect(isOut(config.linux.files, 'sharp-wasm32')).toBe(false);
    expect([config.mac, config.win].map(({ files }) => isOut(files, 'sharp-wasm32'))).toEqual([true, true]);
    expect(isOut(config.mac.files, 'sharp-darwin-arm64')).toBe(false);
    expect(isOut(config.win.files, 'sharp-win32-x64')).toBe(false);
  });

  test("the project's own Node is left out, under every name that it has", () => {
    const patterns = excluded(config.files).flatMap((pattern) => globSync(pattern.replace('/**', ''), { cwd: root }));
    const installed = Object.keys(manifest.optionalDependencies).filter(
      (name) => /^node-/.test(name) && existsSync(join(root, 'node_modules', name)),
    );
    expect(installed.length).toBeGreaterThan(0);
    for (const name of installed) expect(patterns).toContain(`node_modules/${name}`);
  });

  test('a list of exclusions alone would pack the whole project: each begins with something that it takes', () => {
    for (const { files } of [config, config.mac, config.win, config.linux]) expect(files[0]).not.toMatch(/^!/);
  });

  test('what is read by native code lies beside the archive, main, preload and page in it', () => {
    expect(config.asarUnpack).toEqual(
      expect.arrayContaining(['dist/engine/**', 'dist/assets/**', 'dist/main/**', 'node_modules/**']),
    );
    expect(config.asarUnpack.filter((pattern) => /desktop|renderer|^dist\/\*\*/.test(pattern))).toEqual([]);
  });
});

describe('entries of processes', () => {
  const built = build.environments!.node!.build!.rolldownOptions!.input as string[];
  const { engine, deviceTrial, pictureTrial } = builtFiles(root);
  const inProject = (path: string): string => relative(root, path).split(sep).join('/');

  test.each([engine, deviceTrial, pictureTrial].map((path) => [basename(path), inProject(path)]))(
    '%s of the window is built, packed and beside the archive',
    (_, path) => {
      expect(built).toContain(path.replace(/^dist\/(.*)\.js$/, '$1.ts'));
      expect(excluded(config.files).filter((pattern) => matchesGlob(path, pattern))).toEqual([]);
      expect(config.asarUnpack.filter((pattern) => matchesGlob(path, pattern))).not.toEqual([]);
    },
  );

  test.each(['bench-process', 'device-process', 'engine-process'] as const)('%s of Node is built', (name) => {
    expect(existsSync(entryFile(name))).toBe(true);
    expect(built).toContain(inProject(entryFile(name)));
  });
});

describe('icons', () => {
  const icons = join(root, config.directories.buildResources);
  const read = (name: string) => readFileSync(join(icons, name));
  const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

  test('are there, with entitlements beside them', () => {
    for (const { icon } of [config.mac, config.win, config.linux]) expect(existsSync(join(icons, icon))).toBe(true);
    expect(readFileSync(join(root, config.mac.entitlements), 'utf8')).toContain('com.apple.security.cs.allow-jit');
  });

  test('the one of Windows holds a picture of each size where its head says', () => {
    const file = read(config.win.icon);
    const sizes = Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
      const entry = 6 + 16 * index;
      const data = file.subarray(
        file.readUInt32LE(entry + 12),
        file.readUInt32LE(entry + 12) + file.readUInt32LE(entry + 8),
      );
      expect(data.subarray(0, 8)).toEqual(PNG);
      expect(data.readUInt32BE(16)).toBe(file[entry] || 256);
      return data.readUInt32BE(20);
    });
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  test('the one of macOS is a chain of chunks that ends with the file', () => {
    const file = read(config.mac.icon);
    expect([file.toString('latin1', 0, 4), file.readUInt32BE(4)]).toEqual(['icns', file.length]);
    const sizes: number[] = [];
    let offset = 8;
    while (offset < file.length) {
      expect(file.subarray(offset + 8, offset + 16)).toEqual(PNG);
      sizes.push(file.readUInt32BE(offset + 24));
      offset += file.readUInt32BE(offset + 4);
    }
    expect([offset, sizes]).toEqual([file.length, [128, 256, 512, 32, 64, 256]]);
  });

  test('the writers put each byte where the formats have it', () => {
    const data = Buffer.from([1, 2, 3]);
    expect(ico([{ size: 256, data }]).toString('hex')).toBe(
      '000001000100' + '00000000' + '0100' + '2000' + '03000000' + '16000000' + '010203',
    );
    expect(icns([{ type: 'ic07', data }]).toString('hex')).toBe(
      '69636e73' + '00000013' + '69633037' + '0000000b' + '010203',
    );
  });
});
