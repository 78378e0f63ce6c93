/** The model library as the pages see it: each model with its licence and what it is for. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { JobHooks } from '../contract/jobs.ts';
import type { addModelSchema, Model, modelListSchema } from '../contract/models.ts';
import { imageTower, readImageTowerConfig } from '../models/clip/image-tower.ts';
import { readT5Config } from '../models/t5/config.ts';
import { bundledModelsFolder } from '../weights/bundled.ts';
import { readModelSource } from '../weights/hub/model-source.ts';
import { addModel, type LibraryModel, listModels, removeModel, showModel } from '../weights/library.ts';

/** Beginnings of licence texts, for models that come with the text and without a card. */
const knownLicences: readonly (readonly [RegExp, string])[] = [
  [/apache license\s+version 2\.0/i, 'Apache-2.0'],
  [/\bmit license\b|permission is hereby granted, free of charge/i, 'MIT'],
  [/creative commons attribution 4\.0/i, 'CC-BY-4.0'],
];

/** Not a folder of licences, and nothing that would be read without end. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** A model card begins with YAML between two lines of dashes: its `license` line. */
function licenceOfCard(folder: string): string | undefined {
  const card = join(folder, 'README.md');
  if (!isFile(card)) return undefined;
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readFileSync(card, 'utf8'))?.[1];
  return front && /^license:\s*["']?([^\s"'#]+)/m.exec(front)?.[1];
}

function licenceOfFile(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name) && isFile(join(folder, name)));
  if (file === undefined) return undefined;
  const text = readFileSync(join(folder, file), 'utf8').slice(0, 2000);
  return knownLicences.find(([pattern]) => pattern.test(text))?.[1] ?? `see ${file}`;
}

/** What follows from the model's config: its part in a run, and the numbers that a person meets in the settings. */
function partOf({ kind, folder }: LibraryModel): Pick<Model, 'purpose' | 'layers' | 'width'> {
  if (kind === 't5') {
    const { width, encoderLayers: layers, gated } = readT5Config(folder);
    const version = gated ? 'T5 v1.1 or Flan-T5' : 'T5 v1.0';
    return { purpose: `Language: reads prompt, text and visual tokens and writes (${version})`, layers, width };
  }
  const { imageSize, layers } = imageTower(readImageTowerConfig(folder));
  return { purpose: `Vision: turns pictures, at ${imageSize} x ${imageSize} pixels, into visual tokens`, layers };
}

/** Adds what a page shows beside the facts of the files. */
export function asModel(model: LibraryModel): Model {
  const licence = licenceOfCard(model.folder) ?? licenceOfFile(model.folder);
  const source = readModelSource(model.folder);
  return {
    ...model,
    files: [...model.files],
    ...(licence !== undefined && { licence }),
    ...(source !== undefined && { source }),
    ...partOf(model),
  };
}

export function listLibrary(home: string): z.output<typeof modelListSchema> {
  const { models, broken } = listModels(home, bundledModelsFolder());
  return {
    models: models.map(asModel),
    broken: broken.map(({ name, error }) => ({ name, error: error.toRecord() })),
  };
}

export function showInLibrary(home: string, name: string): Model {
  return asModel(showModel(home, name, bundledModelsFolder()));
}

/** Throws as `addModel`. */
export async function addToLibrary(
  home: string,
  { folder, name }: z.output<typeof addModelSchema>,
  { progress }: JobHooks,
): Promise<Model> {
  progress?.({ task: 'Checking and copying the model', done: 0, unit: 'files' });
  return asModel(await addModel(home, folder, name));
}

export function removeFromLibrary(home: string, name: string): void {
  removeModel(home, name);
}
