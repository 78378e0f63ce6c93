/** A run as a folder that runs on ONNX Runtime alone: three graphs with what was trained inside, the frozen weights, an example. */
import { constants, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeptError } from '../common/errors.ts';
import { writeAtomic, writeJsonAtomic } from '../common/files.ts';
import { fillFolderAtomic } from '../common/folders.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { decoderGraph, encoderGraph, imageGraph } from '../decoding/standalone-graphs.ts';
import { Parameters } from '../graph/parameter.ts';
import { stored } from '../graph/sources.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { readTrained } from '../training/checkpoint-files.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import { taskText } from '../vision-language/tasks.ts';
import { type Checkpoint, inOtherFiles } from '../weights/checkpoint.ts';
import { findTensor, readSafetensorsHeader, writeSafetensors } from '../weights/safetensors.ts';
import { onnxReadme } from './onnx-readme.ts';
import type { OnnxSource } from './onnx-source.ts';

const TRAINED = 'trained.safetensors';
const EXAMPLE = ['example.mjs', 'pictures.mjs', 'tokenizer.mjs'];

/** Files of a checkpoint under names that no other file of the folder has: `language.safetensors`, or `language-1.bin` ... */
function namesFor({ files }: Checkpoint, part: string): Map<string, string> {
  const name = (path: string, i: number): string => `${part}${files.length === 1 ? '' : `-${i + 1}`}${extname(path)}`;
  return new Map(files.map(({ path }, i) => [path, name(path, i)]));
}

/**
 * Copies a checkpoint's files into the folder, without a second copy of their bytes where the file system can do that. No hard links:
 * ONNX's own library refuses weights that have several names. Throws `bad-file` for a copy that came out short.
 */
async function bring(checkpoint: Checkpoint, part: string, folder: string): Promise<Checkpoint> {
  const names = namesFor(checkpoint, part);
  for (const [path, name] of names) {
    const target = join(folder, name);
    await copyFile(path, target, constants.COPYFILE_FICLONE);
    const [expected, got] = [path, target].map((file) => statSync(file).size);
    if (expected === got) continue;
    throw new DeptError('bad-file', 'A copy of the weights has another size', {
      path: target,
      expected: `${expected} bytes`,
      got: `${got} bytes`,
    });
  }
  return inOtherFiles(checkpoint, (path) => join(folder, names.get(path)!));
}

/** The trained values in a file of their own, and as tensors of a graph that point into it. */
function bringTrained({ checkpoint, model }: OnnxSource, folder: string): Parameters {
  const specs = trainedParameters(model.clipT5);
  const path = join(folder, TRAINED);
  const tensors = readTrained(checkpoint, specs).map(
    ({ spec: { name, shape }, values }) =>
      [name, { dtype: 'F32' as const, shape, data: values as Float32Array<ArrayBuffer> }] as const,
  );
  writeSafetensors(path, Object.fromEntries(tensors), { format: 'pt' });
  const file = readSafetensorsHeader(path);
  return new Parameters(specs, ({ name, shape }) => {
    const { offset, byteLength: length } = findTensor(file, name);
    return stored({ name, type: 'float32', shape, file: path, offset, length });
  });
}

/** What a program needs to feed the graphs; lengths do not count the start id. */
function settings({ run, step, config, model }: OnnxSource): Record<string, unknown> {
  const { clipT5, tokenizer, vision, generation } = model;
  const { decoderLayers, heads, headWidth, padId, eosId, decoderStartId } = clipT5.config;
  const { task, maxTextLength } = config;
  const { method } = config;
  // a caption's text has no words of its own: its ids are always the same
  const ids = task === 'caption' && tokenizer.encode(taskText(task), { maxLength: maxTextLength });
  return {
    run,
    step,
    task,
    method,
    models: { vision: config.vision.model, language: config.language.model },
    image: vision.preprocessing,
    visual: { tokens: vision.tokens, width: vision.width },
    text: {
      prefix: task === 'caption' ? taskText(task) : taskText(task, ''),
      maxLength: maxTextLength,
      ...(ids && { ids }),
      padId,
    },
    decoder: {
      layers: decoderLayers,
      heads,
      headWidth,
      startId: decoderStartId,
      endId: eosId,
      maxLength: generation.maxLength,
    },
    decoding: generation,
  };
}

/**
 * Fills the folder, which appears whole or not at all.
 * @throws DeptError 'already-exists', 'bad-file' for what does not fit the run, 'cancelled' on an abort.
 */
export async function writeOnnxFolder(
  folder: string,
  source: OnnxSource,
  { progress, signal }: JobHooks,
): Promise<void> {
  const { model, config } = source;
  const { clipT5, vision } = model;
  const tell = (done: number, task: string): void => {
    if (signal?.aborted) throw new DeptError('cancelled', 'The export was stopped');
    progress?.({ task, done, total: 4, unit: 'parts' });
  };
  await fillFolderAtomic(folder, async (temporary) => {
    tell(0, 'Bringing the weights');
    const language = new CheckpointBackbone(await bring(model.checkpoint, 'language', temporary));
    const eye = new CheckpointBackbone(await bring(vision.checkpoint, 'vision', temporary));
    tell(1, 'Writing the graphs');
    const parameters = bringTrained(source, temporary);
    const graphs = {
      'image.onnx': imageGraph(eye, vision.config, vision.choice),
      'encoder.onnx': encoderGraph(language, clipT5, parameters, config.maxTextLength),
      'decoder.onnx': decoderGraph(language, clipT5.config),
    };
    for (const [name, graph] of Object.entries(graphs)) writeAtomic(join(temporary, name), graph.model);
    tell(2, 'Writing the example');
    await copyFile(join(model.checkpoint.folder, 'tokenizer.json'), join(temporary, 'tokenizer.json'));
    const examples = fileURLToPath(new URL('../../assets/onnx-example', import.meta.url));
    for (const name of EXAMPLE) await copyFile(join(examples, name), join(temporary, name));
    writeJsonAtomic(join(temporary, 'config.json'), settings(source));
    writeAtomic(join(temporary, 'README.md'), onnxReadme(source));
    tell(4, 'Done');
  });
}
