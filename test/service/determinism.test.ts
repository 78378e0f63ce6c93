/** The same bits from the same config: in two processes, with one thread or two, and what the batch of an evaluation changes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeJsonAtomic } from '../../engine/common/files.ts';
import type { TrainResult } from '../../engine/contract/calls.ts';

import { openDataset } from '../../engine/data/dataset.ts';
import { createGenerator, type SequenceGenerator } from '../../engine/decoding/generate.ts';
import type { Answer } from '../../engine/decoding/search.ts';
import { compile } from '../../engine/graph/compile.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { openRun } from '../../engine/runs/run-library.ts';
import { Session } from '../../engine/runtime/session.ts';
import { openModel, sessionOptions } from '../../engine/service/open-model.ts';
import { evaluateRun } from '../../engine/service/prediction.ts';
import { referencesOf } from '../../engine/service/scoring.ts';
import { startRun } from '../../engine/service/training-run.ts';
import { imagesNamed, openVisualTokens } from '../../engine/service/visual-features.ts';
import { readTrained } from '../../engine/training/checkpoint-files.ts';
import { parameterFeeds } from '../../engine/training/train-step.ts';
import { encoderFeeds, encodingGraph, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { configFor, fillHome, folderForFile, metricsOf, trainedBytes } from './small-home.ts';

const config = configFor('vqa', { threads: 1 });
const home = folderForFile();
let trained: TrainResult;
beforeAll(async () => {
  await fillHome(home);
  trained = await startRun(home, config, {});
}, 60_000);

/** What a run measured and wrote, but for how long it took. */
function measured(folder: string): unknown[] {
  const ofTheMachine = { samplesPerSecond: undefined, seconds: undefined, memory: undefined };
  const samples = readFileSync(join(folder, 'samples.jsonl'), 'utf8');
  return [...metricsOf(folder).map((line) => ({ ...line, ...ofTheMachine })), samples];
}

function expectSame(folder: string): void {
  expect(trainedBytes(folder, 8)).toEqual(trainedBytes(trained.folder, 8));
  expect(measured(folder)).toEqual(measured(trained.folder));
}

test('another process, with a home of its own and nothing computed before, ends in the same bits', async () => {
  const own = folderForFile();
  await fillHome(own);
  const file = join(own, 'config.json');
  writeJsonAtomic(file, config);
  const script = join(import.meta.dirname, '..', '..', 'main', 'cli', 'dept.ts');
  const words = [script, 'train', '--config', file, '--home', own, '--json'];
  const { run } = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout);
  expectSame(openRun(own, run).folder);
  const request = { split: 'test', checkpoint: 'last', decoding: {} } as const;
  const [here, there] = [
    await evaluateRun(home, { ...request, run: trained.run }, {}),
    await evaluateRun(own, { ...request, run }, {}),
  ];
  expect(readFileSync(there.predictions)).toEqual(readFileSync(here.predictions));
  expect(there.metrics).toEqual(here.metrics);
}, 60_000);

test.skipIf(process.arch !== 'x64')('two threads end in the bits of one (x64)', async () => {
  expectSame((await startRun(home, { ...config, threads: 2 }, {})).folder);
});

describe('the batch of an evaluation', () => {
  let write: (beams: number, size: number, text?: string) => Promise<Answer[]>;
  const open: { release(): Promise<void> }[] = [];
  afterAll(() => Promise.all(open.map((one) => one.release())));

  beforeAll(async () => {
    const { clipT5, checkpoint, tokenizer, vision, generation } = openModel(home, config);
    const run = openRun(home, trained.run);
    const parameters = parameterFeeds(readTrained(run.checkpoints.find('last').folder, trainedParameters(clipT5)));
    const encoder = await Session.create(
      compile({ encoded: encodingGraph(new CheckpointBackbone(checkpoint), clipT5) }),
      sessionOptions(config),
    );
    const generator: SequenceGenerator = await createGenerator({
      checkpoint,
      config: clipT5.config,
      ...sessionOptions(config),
    });
    open.push(encoder, generator);
    const size = clipT5.visual.tokens * clipT5.visual.width;
    /** The answer to each question of the test split, or to this one of each picture, in batches as they come. */
    write = async (beams, batchSize, text) => {
      using dataset = openDataset(home, 'small');
      const questions = referencesOf(dataset, 'test', 'vqa').map((reference) => ({
        ...reference,
        ids: tokenizer.encode(text ?? reference.text, { maxLength: config.maxTextLength }),
      }));
      using visual = await openVisualTokens(home, dataset, imagesNamed(dataset, questions), vision, {});
      const answers: Answer[] = [];
      for (let done = 0; done < questions.length; done += batchSize) {
        const batch = questions.slice(done, done + batchSize);
        const tokens = new Float32Array(batch.length * size);
        for (const [i, { imageId }] of batch.entries()) visual.read(imageId, tokens, i * size);
        const feeds = {
          ...encoderFeeds(
            clipT5,
            batch.map(({ ids }) => ids),
            tokens,
          ),
          ...parameters,
        };
        const { encoded } = await encoder.run(feeds);
        const written = await generator.generate({ states: encoded!, mask: feeds.mask! }, { ...generation, beams });
        answers.push(...written.map(([best]) => best!));
      }
      return answers;
    };
  });

  test.each([1, 2])(
    'changes no text, and scores by no more than 1e-5, by what others are padded to (beams: %i)',
    async (beams) => {
      const alone = await write(beams, 1);
      expect(alone.length).toBeGreaterThan(16);
      for (const size of [3, 16]) {
        const together = await write(beams, size);
        expect(together.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
        const differences = together.map(({ score }, i) => Math.abs(score - alone[i]!.score));
        expect(Math.max(...differences)).toBeLessThan(1e-5);
      }
    },
  );

  test.skipIf(process.arch !== 'x64')('changes no bit of a score among prompts of one length (x64)', async () => {
    const alone = await write(2, 1, 'what shape is it?');
    expect(new Set(alone.map(({ score }) => score)).size).toBeGreaterThan(3);
    for (const size of [3, 16]) expect(await write(2, size, 'what shape is it?')).toEqual(alone);
  });

  test('the answers to each by itself are those of the evaluation', async () => {
    const { predictions } = await evaluateRun(
      home,
      { run: trained.run, split: 'test', checkpoint: 'last', decoding: {} },
      {},
    );
    const texts = (JSON.parse(readFileSync(predictions, 'utf8')) as { answer: string }[]).map(({ answer }) => answer);
    const { tokenizer } = openModel(home, config);
    expect((await write(2, 1)).map(({ ids }) => tokenizer.decode(ids).trim())).toEqual(texts);
  });
});
