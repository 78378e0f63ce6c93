/** Calls whose params hold anything at all: answered in the form that the contract promises, or refused in our own words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect } from 'vitest';
import { type CallContext, checkedParams } from '../../engine/contract/answering.ts';
import { allCalls, type EngineCall, engineCalls } from '../../engine/contract/api.ts';
import { requestSchema } from '../../engine/contract/messages.ts';
import { checkTrainConfig, parseTrainConfig } from '../../engine/contract/parse-config.ts';
import { importDataset } from '../../engine/data/import.ts';
import { engineHandlers } from '../../engine/service/engine-handlers.ts';
import { keepEvaluation } from '../../engine/service/evaluation-store.ts';
import { createRoutes } from '../../main/host/routes.ts';
import { answers, pixel } from '../data/fixtures.ts';
import { itemOf, makeRun, summaryOf } from '../service/evaluation-samples.ts';
import { settings } from '../service/small-home.ts';
import { changedJson } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const scratch = new ScratchFolder();
const home = join(scratch.path, 'home');
const run = makeRun(home, parseTrainConfig({ ...settings, task: 'vqa' }));
const evaluation = keepEvaluation(run, summaryOf(run), [itemOf('1'), itemOf('2')]).id;
const outside = scratch.write('outside/run.json', '{}');

beforeAll(async () => {
  scratch.write('d/images/1.png', pixel);
  const questions = scratch.write(
    'd/questions.json',
    JSON.stringify({ questions: [{ question_id: 1, image_id: 1, question: 'q?' }] }),
  );
  const given = scratch.write(
    'd/annotations.json',
    JSON.stringify({ annotations: [{ question_id: 1, answers: answers('a') }] }),
  );
  await importDataset({ home, name: 'small', paths: [questions, given] });
});

const ref = { run: run.id, id: evaluation };
const folder = join(scratch.path, 'd');
/** Params that each call takes. Those that train, draw, ask the network or try out devices are checked and not carried out. */
const params: { readonly [Call in EngineCall]?: object } = {
  'datasets.list': {},
  'datasets.show': { dataset: 'small' },
  'datasets.browse': {
    dataset: 'small',
    split: 'train',
    text: 'q',
    has: 'questions',
    answer: 'a',
    limit: 5,
    offset: 0,
  },
  'datasets.item': { dataset: 'small', image: 'train/1' },
  'datasets.answers': { dataset: 'small', split: 'train', answerType: 'other', limit: 3 },
  'datasets.refused': { dataset: 'small', limit: 3, offset: 0 },
  'datasets.detect': { paths: [folder], format: 'auto', images: folder, split: 'train' },
  'datasets.import': { name: 'other', paths: [folder], format: 'auto', images: folder, split: 'train', replace: true },
  'paths.list': { path: folder },
  'media.picture': { dataset: 'small', image: 'train/1', size: 'thumb' },
  'media.upload': { upload: '0'.repeat(64), size: 'view' },
  'models.list': {},
  'models.show': { model: 'scenes-t5' },
  'models.add': { folder, name: 'new' },
  'models.downloads': {},
  'models.discard': { model: 'new' },
  'models.remove': { model: '../outside' },
  'adapters.list': {},
  'runs.list': {},
  'runs.show': { run: run.id },
  'runs.series': { run: run.id, columns: ['loss', 'rates'], cursor: 'ab 0 0', points: 100 },
  'runs.samples': { run: run.id },
  'runs.log': { run: run.id, from: 0 },
  'runs.firstBatch': { run: run.id },
  'runs.compare': { runs: [run.id], baseline: run.id },
  'runs.note': { run: run.id, note: 'good' },
  'runs.remove': { run: '../../outside' },
  'evaluations.list': { run: run.id },
  'evaluations.show': ref,
  'evaluations.items': { ...ref, limit: 2, offset: 0 },
  'evaluations.compare': { a: ref, b: ref },
  'evaluations.remove': { run: run.id, id: '../../../outside' },
  'evaluations.officialResult': ref,
  'evaluations.report': ref,
  'datasets.remove': { dataset: '../outside' },
};
const calls = Object.keys(params) as EngineCall[];

describe('a message', () => {
  hunt('is a request or none', {
    runs: 300,
    inputs: changedJson([
      { type: 'call', id: 1, call: 'runs.list', params: {} },
      { type: 'cancel', id: 1 },
      { type: 'pause', id: 1, paused: true },
    ]),
    read: (text) => {
      requestSchema.safeParse(JSON.parse(text));
    },
  });
  hunt('asks for a call with params that it takes', {
    runs: 400,
    isFile: false,
    inputs: fc.tuple(
      fc.oneof(
        fc.constantFrom(...Object.keys(allCalls)),
        fc.constantFrom('__proto__', 'toString', 'runs.lsit'),
        fc.string(),
      ),
      fc.oneof(
        fc.anything({ withNullPrototype: true, maxDepth: 2 }),
        changedJson(Object.values(params)).map((text) => JSON.parse(text) as unknown),
      ),
    ),
    read: ([call, given]) => {
      checkedParams(allCalls, call, given);
    },
  });
});

const context: CallContext = { signal: new AbortController().signal, unpaused: async () => {}, tell: () => {} };
const handlers = engineHandlers(home, async () => ({ failed: 'no driver' }));

async function ask(call: EngineCall, given: unknown): Promise<unknown> {
  const handler = handlers[call] as (params: unknown, context: CallContext) => unknown;
  return engineCalls[call].result.parse(await handler(checkedParams(engineCalls, call, given), context));
}

hunt('a call that is taken is answered as the contract says', {
  runs: 250,
  isFile: false,
  inputs: fc
    .constantFrom(...calls)
    .chain((call) =>
      fc
        .oneof({ weight: 9, arbitrary: changedJson([params[call]]) }, fc.constant(JSON.stringify(params[call])))
        .map((text) => [call, text] as const),
    ),
  read: async ([call, text]) => {
    try {
      await ask(call, JSON.parse(text));
    } finally {
      expect(existsSync(outside)).toBe(true);
    }
  },
});

const part = fc.oneof(
  fc.constantFrom(
    'media',
    'uploads',
    'exports',
    'drops',
    'assets',
    'small',
    'train',
    '1',
    '..',
    '%2e%2e',
    '%00',
    '%',
    'predictions.json',
    'report.html',
    run.id,
    evaluation,
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const routes = createRoutes({
  host: { ask: ((call: EngineCall, given: unknown) => ask(call, given)) as never, storeDrop: async () => ({ folder }) },
  rendererFolder: scratch.path,
});

hunt('an address is answered, whatever it names', {
  runs: 300,
  inputs: fc.tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'),
    fc.array(part, { maxLength: 5 }),
    fc.constantFrom('', '?size=thumb', '?size=x'),
  ),
  read: async ([method, parts, query]) => {
    const url = `http://host/${parts.join('/')}${query}`;
    if (!URL.canParse(url)) return;
    const response = await routes(new Request(url, { method, ...(method === 'POST' && { body: 'x' }) }));
    expect(response.status).toBeGreaterThanOrEqual(200);
    expect(response.status, url).toBeLessThan(500);
  },
});

hunt('a training config is complete, or every problem has its field', {
  runs: 200,
  isFile: false,
  inputs: changedJson([settings, { ...settings, task: 'caption' }, parseTrainConfig({ ...settings, task: 'vqa' })]),
  read: (text) => {
    if (text.includes('[[[')) return; // no file and no message is read so deep
    const given: unknown = JSON.parse(text);
    const config = parseTrainConfig(given);
    expect(checkTrainConfig(config)).toEqual({ config });
  },
});
