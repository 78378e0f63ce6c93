/** Whether a model folder can be used: its files, its weights against its configuration, their numbers, and a trial run. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DeptError } from '../common/errors.ts';
import { readJson } from '../common/json.ts';
import type { ModelCheck, ModelCheckStep } from '../contract/models.ts';
import { readImageTowerConfig } from '../models/clip/image-tower.ts';
import { openT5 } from '../models/t5/open.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import { readOpenClipPreprocessing } from '../vision-language/open-clip-preprocessing.ts';
import { readPreprocessing } from '../vision-language/preprocessing-config.ts';
import { bundledModelsFolder } from '../weights/bundled.ts';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.ts';
import { isOpenClipFolder } from '../weights/layout.ts';
import { findModel } from '../weights/library.ts';
import { describeModel, type ModelKind, missingFiles, modelKind } from '../weights/model-info.ts';
import { sampleValues } from '../weights/sampled-values.ts';
import { compareWithTexts, lookAtPicture, scoreText } from './model-self-test.ts';
import { type NeededWeights, weightsOfClip, weightsOfT5 } from './needed-weights.ts';
import {
  LOGIT_TOLERANCE,
  publishedLogits,
  publishedScores,
  SCORE_TOLERANCE,
  SCORED_TEXT,
} from './published-numbers.ts';

/** Written beside a model that was downloaded. */
export const SOURCE_FILE = 'download.json';

const sourceSchema = z.looseObject({ repo: z.string() });

export interface CheckOptions {
  /** The picture that the published numbers of a CLIP were computed with. */
  readonly picture?: string;
}

/** What a step found; a thrown `DeptError` is a failure too. */
type Finding = Omit<ModelCheckStep, 'check' | 'outcome'> & { readonly outcome?: ModelCheckStep['outcome'] };

const LISTED = 8;

/** The first of many lines, and how many more there are. */
function listed(lines: readonly string[]): string[] {
  const rest = lines.length - LISTED;
  return rest > 0 ? [...lines.slice(0, LISTED), `... and ${rest} more`] : [...lines];
}

function checkFiles(folder: string): Finding {
  const missing = missingFiles(folder);
  const there = listed(readdirSync(folder).sort()).join(', ');
  if (missing.length === 0) return { text: `All files are there: ${there}` };
  const details = missing.map((file) => `${file} is missing: download it from where the model was published`);
  return { outcome: 'failed', text: 'Files are missing', details: [...details, `These are there: ${there}`] };
}

function checkWeights(folder: string): Finding {
  const { parameters, dtype } = describeModel(folder);
  const { files, names } = openCheckpoint(folder);
  const where = files.map(({ path }) => basename(path)).join(', ');
  return { text: `${parameters.toLocaleString('en')} parameters in ${names().length} tensors, ${dtype}, in ${where}` };
}

interface Opened {
  readonly checkpoint: Checkpoint;
  readonly needed: NeededWeights;
}

function open(folder: string, kind: ModelKind): Opened {
  if (kind === 'clip') {
    return { checkpoint: openCheckpoint(folder), needed: weightsOfClip(readImageTowerConfig(folder)) };
  }
  const { checkpoint, config } = openT5(folder);
  return { checkpoint, needed: weightsOfT5(config) };
}

function checkShapes({ checkpoint, needed }: Opened): Finding {
  const wrong: string[] = [];
  for (const [name, shape] of needed) {
    if (!checkpoint.has(name)) wrong.push(`${name} [${shape.join(', ')}] is missing`);
    else {
      const { shape: found, dtype } = checkpoint.tensor(name);
      if (!isDeepStrictEqual([...found], [...shape])) {
        wrong.push(`${name} is [${found.join(', ')}] where the configuration asks for [${shape.join(', ')}]`);
      } else if (!['F32', 'F16', 'BF16'].includes(dtype)) wrong.push(`${name} is ${dtype}, which no model here uses`);
    }
  }
  if (wrong.length > 0) {
    return { outcome: 'failed', text: 'The weights do not fit the configuration', details: listed(wrong) };
  }
  const spare = checkpoint.names().filter((name) => !needed.has(name));
  const note = spare.length === 0 ? '' : `; not used here: ${spare.length}`;
  return { text: `All ${needed.size} tensors that the configuration asks for have their shapes${note}` };
}

function checkValues({ checkpoint, needed }: Opened): Finding {
  let looked = 0;
  const wrong: string[] = [];
  for (const name of needed.keys()) {
    const sample = sampleValues(checkpoint.tensor(name));
    looked += sample.looked;
    if (sample.nonFinite > 0) wrong.push(`${name}: ${sample.nonFinite} of ${sample.looked}`);
  }
  const sampled = `${looked.toLocaleString('en')} numbers, some of every tensor`;
  if (wrong.length === 0) return { text: `Looked at ${sampled}: all are finite` };
  return { outcome: 'failed', text: `Of ${sampled}, some are infinite or not numbers`, details: listed(wrong) };
}

function checkTokenizer(folder: string): Finding {
  const tokenizer = loadTokenizer(folder);
  const { vocabularySize } = openT5(folder).config;
  if (tokenizer.vocabularySize > vocabularySize) {
    return {
      outcome: 'failed',
      text: 'The tokenizer has more pieces than the model has word embeddings',
      details: [`${tokenizer.vocabularySize} pieces`, `${vocabularySize} rows`],
    };
  }
  return { text: `${tokenizer.vocabularySize.toLocaleString('en')} pieces` };
}

function checkPreprocessing(folder: string): Finding {
  const { imageSize } = readImageTowerConfig(folder).vision;
  const read = isOpenClipFolder(folder) ? readOpenClipPreprocessing : readPreprocessing;
  const { cropSize, interpolation } = read(folder, imageSize, 'squash');
  return { text: `Pictures of ${cropSize} x ${cropSize} pixels, ${interpolation}` };
}

const finite = (...values: readonly number[]): Pick<Finding, 'outcome'> =>
  values.every(Number.isFinite) ? {} : { outcome: 'failed' };

async function runClip(folder: string): Promise<Finding> {
  const { tokens, embedding } = await lookAtPicture(folder);
  const text = `A made-up picture: visual tokens of norm ${tokens.toPrecision(6)}, embedding of norm ${embedding.toPrecision(6)}`;
  return { ...finite(tokens, embedding), text };
}

/** As the download's note says, or else the folder's name. */
function isPublishedAs(folder: string, repo: string): boolean {
  const note = join(folder, SOURCE_FILE);
  const own = existsSync(note) ? readJson(note, sourceSchema).repo : basename(folder);
  return own === repo || own === basename(repo);
}

const unknown: Finding = { outcome: 'skipped', text: 'The reference implementation states none for this model' };
const differing = 'If these are weights of your own under this name, the difference says nothing.';

function compareScore(folder: string, score: number): Finding {
  const known = publishedScores.find(({ repo }) => isPublishedAs(folder, repo));
  if (known === undefined) return unknown;
  const text = `Score ${score.toFixed(4)}; ${known.repo} has ${known.score} in ${known.test} of transformers`;
  if (Math.abs(score - known.score) <= SCORE_TOLERANCE) return { text };
  return { outcome: 'failed', text, details: [differing] };
}

async function compareLogits(folder: string, picture: string | undefined): Promise<Finding> {
  const known = publishedLogits.find(({ repo }) => isPublishedAs(folder, repo));
  const config = readImageTowerConfig(folder);
  if (known === undefined || !('text' in config)) return unknown;
  if (picture === undefined) {
    return { outcome: 'skipped', text: `Needs ${known.picture}: dept models check ... --picture <file>` };
  }
  const own = await compareWithTexts(folder, config, picture, known.texts);
  const shown = own.map((logit) => logit.toFixed(4)).join(', ');
  const text = `Logits ${shown}; ${known.repo} has ${known.logits.join(', ')} in ${known.test} of transformers`;
  const isClose = known.logits.every((logit, i) => Math.abs(own[i]! - logit) <= LOGIT_TOLERANCE);
  return isClose ? { text } : { outcome: 'failed', text, details: [differing] };
}

type Check = ModelCheckStep['check'];

/** Steps in order; once one has failed, those that build on it are skipped. */
class Steps {
  readonly done: ModelCheckStep[] = [];

  get failed(): boolean {
    return this.done.some(({ outcome }) => outcome === 'failed');
  }

  async take(check: Check, look: () => Finding | Promise<Finding>): Promise<void> {
    if (this.failed) {
      this.done.push({ check, outcome: 'skipped', text: 'What it builds on has failed' });
      return;
    }
    const started = performance.now();
    try {
      const { outcome = 'passed', ...finding } = await look();
      this.done.push({ check, outcome, ...finding, seconds: (performance.now() - started) / 1000 });
    } catch (error) {
      if (!(error instanceof DeptError)) throw error;
      this.done.push({ check, outcome: 'failed', text: error.message, error: error.toRecord() });
    }
  }
}

/** Checks a model by its name or its folder. Throws `not-found` where there is none; all else is in the answer. */
export async function checkModel(home: string, name: string, { picture }: CheckOptions = {}): Promise<ModelCheck> {
  const folder = findModel(home, name, bundledModelsFolder());
  const steps = new Steps();
  let kind: ModelKind | undefined;
  let opened: Opened | undefined;
  await steps.take('files', () => {
    kind = modelKind(folder);
    return checkFiles(folder);
  });
  await steps.take('weights', () => checkWeights(folder));
  await steps.take('shapes', () => {
    opened = open(folder, kind!);
    return checkShapes(opened);
  });
  await steps.take('values', () => checkValues(opened!));
  if (kind === 't5') {
    let score = Number.NaN;
    await steps.take('tokenizer', () => checkTokenizer(folder));
    await steps.take('self-test', async () => {
      const { source, target } = SCORED_TEXT;
      const run = await scoreText(folder, source, target);
      score = run.score;
      const text = `"${source}" to "${target}": score ${score.toFixed(4)}, encoder states of norm ${run.norm.toPrecision(6)}`;
      return { ...finite(score, run.norm), text };
    });
    await steps.take('published-numbers', () => compareScore(folder, score));
  } else if (kind === 'clip') {
    await steps.take('preprocessing', () => checkPreprocessing(folder));
    await steps.take('self-test', () => runClip(folder));
    await steps.take('published-numbers', () => compareLogits(folder, picture));
  }
  return { name: basename(folder), folder, ...(kind && { kind }), passed: !steps.failed, steps: steps.done };
}
