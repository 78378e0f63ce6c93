/** A home as large as people's are after years: a VQA v2 pair, a long run with a large evaluation, and a full feature cache. */
import {
  closeSync,
  createWriteStream,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Random } from '../../engine/common/random.ts';
import { type FeatureShape, featureFolder, IMAGES_PER_SHARD } from '../../engine/data/feature-cache.ts';
import { keepEvaluation } from '../../engine/service/evaluation-store.ts';
import { makeRun, manyItems, summaryOf } from '../service/evaluation-samples.ts';
import { BASES, basePictures, textsOf } from './large-dataset.ts';

/** The two files of VQA v2 and their pictures, which are links to a hundred different ones, with five questions to each. */
export async function writeVqaPair(folder: string, pictures: number, questionsEach: number): Promise<void> {
  const random = new Random('vqa pair');
  const images = join(folder, 'train2014');
  mkdirSync(images, { recursive: true });
  const bases = await basePictures(random, BASES);
  const nameOf = (id: number): string => join(images, `COCO_train2014_${String(id).padStart(12, '0')}.jpg`);
  for (let id = 1; id <= pictures; id += 1) {
    if (id <= BASES) writeFileSync(nameOf(id), bases[id - 1]!);
    else linkSync(nameOf(1 + (id % BASES)), nameOf(id));
  }
  /** One text of hundreds of megabytes is more than JavaScript has room for. */
  const write = (name: string, key: string, keep: (entry: ReturnType<typeof textsOf>, ids: object) => object) =>
    pipeline(
      Readable.from(
        (function* () {
          const texts = new Random('texts');
          yield `{"info":{},"${key}":[`;
          for (let id = 1; id <= pictures; id += 1) {
            const some = Array.from({ length: questionsEach }, (_, i) => {
              const ids = { question_id: id * 10 + i, image_id: id };
              return JSON.stringify(keep(textsOf(texts, id), ids));
            });
            yield `${id === 1 ? '' : ','}${some.join(',')}`;
          }
          yield ']}';
        })(),
      ),
      createWriteStream(join(folder, name)),
    );
  await write('v2_OpenEnded_mscoco_train2014_questions.json', 'questions', ({ question }, ids) => ({
    ...ids,
    question,
  }));
  await write('v2_mscoco_train2014_annotations.json', 'annotations', ({ answers, annotation }, ids) => ({
    ...ids,
    ...annotation,
    answers,
  }));
}

export interface LongRun {
  readonly run: string;
  readonly evaluation: string;
}

/** A run of so many steps, with an evaluation every 500th, and one kept evaluation of so many predictions. */
export function makeLongRun(home: string, steps: number, predictions: number): LongRun {
  const run = makeRun(home, { task: 'vqa', steps, evaluation: { metric: 'accuracy' } });
  const random = new Random('long run');
  const file = openSync(run.logPath('metrics'), 'w');
  for (let step = 1; step <= steps; step += 1) {
    const loss = 4 / Math.sqrt(step) + 0.2 * random.uniform();
    const rates = { prompt: 0.3, lowRank: 1e-4, projection: 1e-4 };
    const line = {
      step,
      epoch: step / 1000,
      loss,
      gradientNorm: 1 + random.uniform(),
      rates,
      samplesPerSecond: 20,
      seconds: step / 2,
      memory: 1e9,
    };
    writeSync(file, `${JSON.stringify(line)}\n`);
    if (step % 500 === 0)
      writeSync(file, `${JSON.stringify({ step, seconds: step / 2, metrics: { accuracy: 50 + random.uniform() } })}\n`);
  }
  closeSync(file);
  const summary = summaryOf(run, { examples: predictions });
  keepEvaluation(run, summary, manyItems(predictions));
  return { run: run.id, evaluation: summary.id };
}

/** Shards whose values are holes in the file: who opens a cache reads what stands before them. */
export function makeFeatureCache(
  home: string,
  encoder: string,
  dataset: string,
  images: number,
  shape: FeatureShape,
): void {
  const folder = featureFolder(home, encoder, dataset);
  mkdirSync(folder, { recursive: true });
  for (let first = 0; first < images; first += IMAGES_PER_SHARD) {
    const count = Math.min(IMAGES_PER_SHARD, images - first);
    const keys = JSON.stringify(Array.from({ length: count }, (_, i) => `train/${first + i}`));
    const bytes = count * shape.tokens * shape.width * Float16Array.BYTES_PER_ELEMENT;
    const tensor = { dtype: 'F16', shape: [count, shape.tokens, shape.width], data_offsets: [0, bytes] };
    const header = Buffer.from(JSON.stringify({ __metadata__: { keys }, visual_tokens: tensor }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.byteLength));
    const file = openSync(join(folder, `${String(first).padStart(16, '0')}.safetensors`), 'w');
    writeSync(file, Buffer.concat([length, header]));
    ftruncateSync(file, length.byteLength + header.byteLength + bytes);
    closeSync(file);
  }
}
