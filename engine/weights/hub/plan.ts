/** Which files of a repository are to be fetched: those that the engine reads, and one form of the weights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DeptError } from '../../common/errors.ts';
import {
  CONFIG_FILE,
  INDEX_SUFFIX,
  isModelFolder,
  OPEN_CLIP_CONFIG_FILE,
  readShardIndex,
  weightsFiles,
} from '../layout.ts';
import { type ModelKind, missingFiles, modelKind } from '../model-info.ts';
import { isPlainFileName } from './file-names.ts';
import type { HubAccess } from './hub-access.ts';
import { fileAddress, hubAddress, type ListedFile, type Listing, listRepo, patiently } from './listing.ts';
import type { RepoReference } from './repo-reference.ts';
import { requestText } from './request.ts';

export interface DownloadPlan {
  readonly repo: string;
  readonly commit: string;
  readonly kind: ModelKind;
  readonly licence: string | undefined;
  readonly files: readonly ListedFile[];
}

/** Beside configuration and weights, where they are there; of a group the first. */
const companions: Readonly<Record<ModelKind, readonly (readonly string[])[]>> = {
  t5: [
    ['tokenizer.json', 'spiece.model'],
    ['tokenizer_config.json'],
    ['special_tokens_map.json'],
    ['generation_config.json'],
  ],
  clip: [['preprocessor_config.json'], ['processor_config.json']],
};
const PAPERS = /^(readme\.md|licen[cs]e(\.(txt|md))?)$/i;

/** Bytes that are read before anything is asked of the person: a configuration, an index of shards. */
const LONGEST_CONFIG = 2 ** 20;
const LONGEST_INDEX = 16 * 2 ** 20;

/** Other names for weights, to tell a person what is there instead. */
const OTHER_WEIGHTS = /\.(safetensors|bin|h5|msgpack|ot|onnx|gguf|ckpt|pth?|ggml)$/i;

class Planner {
  readonly #hub: HubAccess;
  readonly #listing: Listing;
  readonly #signal: AbortSignal;
  /** Holds the small files that decide. */
  readonly #folder: string;

  constructor(hub: HubAccess, listing: Listing, signal: AbortSignal, folder: string) {
    this.#hub = hub;
    this.#listing = listing;
    this.#signal = signal;
    this.#folder = folder;
  }

  async plan(): Promise<DownloadPlan> {
    const { files, repo, commit, licence } = this.#listing;
    const configs = [CONFIG_FILE, OPEN_CLIP_CONFIG_FILE].filter((name) => files.has(name));
    for (const name of configs) await this.#read(name, LONGEST_CONFIG);
    if (!isModelFolder(this.#folder)) {
      throw this.#unusable('It has no configuration', `${CONFIG_FILE} or ${OPEN_CLIP_CONFIG_FILE}`, this.#names());
    }
    const kind = modelKind(this.#folder);
    const names = [...configs, ...(await this.#weights()), ...this.#companions(kind)];
    const papers = [...files.values()].filter(({ name, size }) => PAPERS.test(name) && size < LONGEST_CONFIG);
    const missing = missingFiles(this.#folder, (name) => files.has(name));
    if (missing.length > 0) throw this.#unusable(`It lacks ${missing.join(', ')}`, missing.join(', '), this.#names());
    return { repo, commit, kind, licence, files: [...names.map((name) => files.get(name)!), ...papers] };
  }

  #companions(kind: ModelKind): string[] {
    return companions[kind].flatMap((names) => names.find((name) => this.#listing.files.has(name)) ?? []);
  }

  /** Fetches a small file into the folder. */
  async #read(name: string, limit: number): Promise<string> {
    const { repo, commit } = this.#listing;
    const url = fileAddress(this.#hub, repo, commit, name);
    const text = await patiently(this.#hub, this.#signal, () => requestText(this.#hub, url, limit, this.#signal));
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** The first form of the weights that is there: one file, or an index and its shards. */
  async #weights(): Promise<string[]> {
    const { files } = this.#listing;
    const known = weightsFiles(this.#folder);
    const name = known.find((file) => files.has(file));
    if (name === undefined) {
      const others = [...files.keys()].filter((file) => OTHER_WEIGHTS.test(file));
      const got = others.length === 0 ? this.#names() : others.slice(0, 8).join(', ');
      throw this.#unusable('Its weights are in no form that is read', known.join(', or '), got);
    }
    if (!name.endsWith(INDEX_SUFFIX)) return [name];
    const path = await this.#read(name, LONGEST_INDEX);
    const shards = [...new Set(Object.values(readShardIndex(path)))];
    const ending = name.includes('.safetensors') ? '.safetensors' : '.bin';
    const foreign = shards.find((shard) => !isPlainFileName(shard) || !shard.endsWith(ending) || !files.has(shard));
    if (foreign !== undefined) {
      throw this.#unusable('Its index names a shard that is none', `${ending} files beside ${name}`, `'${foreign}'`);
    }
    return [name, ...shards];
  }

  #names(): string {
    const names = [...this.#listing.files.keys()];
    const rest = names.length > 8 ? `, and ${names.length - 8} more` : '';
    return names.length === 0 ? 'no files' : `${names.slice(0, 8).join(', ')}${rest}`;
  }

  #unusable(why: string, expected: string, got: string): DeptError {
    return new DeptError('unsupported', `The repository holds no model that this program can use. ${why}`, {
      path: hubAddress(this.#hub, this.#listing.repo).href,
      expected,
      got,
      remedy:
        'Take a T5 or a CLIP as its makers published it, such as google-t5/t5-base or openai/clip-vit-base-patch32.',
    });
  }
}

/** What is wrong with a file lies on the hub, not in the folder where it was looked at. */
function withoutFolder(error: unknown, folder: string, there: URL): unknown {
  if (!(error instanceof DeptError) || !error.details.path?.startsWith(folder)) return error;
  const { code, message, details } = error;
  return new DeptError(code, message, { ...details, path: `${there}${basename(error.details.path)}` });
}

/** Asks the hub what there is and chooses. Throws as `listRepo`, and `unsupported` for what is of no use here. */
export async function planDownload(
  hub: HubAccess,
  reference: RepoReference,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const listing = await listRepo(hub, reference, signal);
  const folder = mkdtempSync(join(tmpdir(), 'dept-plan-'));
  try {
    return await new Planner(hub, listing, signal, folder).plan();
  } catch (error) {
    throw withoutFolder(error, folder, fileAddress(hub, listing.repo, listing.commit, ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
