/**
 * The calls of an engine's process, carried out. Each subject is loaded with its first call: a process that lists runs needs no
 * ONNX Runtime.
 */
import type { CallContext, Handlers } from '../contract/answering.ts';
import type { EngineCalls } from '../contract/api.ts';
import type { Trial } from '../contract/devices.ts';
import type { TrainHooks } from '../contract/jobs.ts';
import type { News } from '../contract/news.ts';
import { parseTrainConfig } from '../contract/parse-config.ts';
import type { Picture } from '../contract/try-out.ts';
import { readSettings } from './settings.ts';
import type { TryOut } from './try-out.ts';

/** What work asks of its caller, over the port. */
function hooksOf({ signal, unpaused, tell }: CallContext): Required<Omit<TrainHooks, 'trial'>> {
  const send = (news: News): void => tell(news);
  return {
    signal,
    unpaused,
    progress: (progress) => send({ type: 'progress', progress }),
    event: (event) => send({ type: 'event', event }),
  };
}

/** Made when it is first asked for, and kept. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const load = {
  datasets: () => import('./datasets.ts'),
  downloads: () => import('./downloads.ts'),
  evaluations: () => import('./evaluations.ts'),
  models: () => import('./models.ts'),
  runs: () => import('./run-views.ts'),
  training: () => import('./training-run.ts'),
  uploads: () => import('./uploads.ts'),
};

/** The playground keeps models open; another number of threads means other sessions. */
class Playground {
  readonly #home: string;
  #open: { readonly threads: number | null; readonly tryOut: TryOut } | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  async tryOut(): Promise<TryOut> {
    const { threads } = readSettings(this.#home);
    if (this.#open === undefined || this.#open.threads !== threads) {
      await this.#open?.tryOut[Symbol.asyncDispose]();
      const { TryOut } = await import('./try-out.ts');
      this.#open = { threads, tryOut: new TryOut(this.#home, threads) };
    }
    return this.#open.tryOut;
  }
}

/** The file of a picture that a page names by its id. */
async function fileOf(home: string, picture: Picture): Promise<string> {
  if ('upload' in picture) return (await load.uploads()).uploadPath(home, picture.upload);
  const { openDataset } = await import('../data/dataset.ts');
  using dataset = openDataset(home, picture.dataset);
  return dataset.image(picture.image).path;
}

/** All calls on one home folder, devices tried by `trial`. What is read again and again stays open between calls. */
export function engineHandlers(home: string, trial: Trial): Handlers<EngineCalls> {
  const shelf = once(async () => new (await import('./run-series.ts')).MeasurementShelf());
  const datasets = once(async () => new (await import('./dataset-shelf.ts')).DatasetShelf(home));
  const playground = new Playground(home);

  return {
    'datasets.list': async () => (await load.datasets()).listAllDatasets(home),
    'datasets.show': async ({ dataset }) => (await load.datasets()).showDataset(await datasets(), dataset),
    'datasets.browse': async (query) => (await load.datasets()).browseDataset(await datasets(), query),
    'datasets.item': async (query) => (await load.datasets()).showItem(await datasets(), query),
    'datasets.answers': async (query) => (await load.datasets()).countAnswers(await datasets(), query),
    'datasets.refused': async (query) => (await load.datasets()).listRefused(await datasets(), query),
    'datasets.detect': async (query, { signal }) => (await import('./detection.ts')).detectDataset(home, query, signal),
    'datasets.import': async (params, context) =>
      (await load.datasets()).importIntoLibrary(home, params, hooksOf(context)),
    'datasets.sample': async (_, context) => {
      const { ensureSampleDataset, sampleRecipe } = await import('./sample.ts');
      return { dataset: await ensureSampleDataset(home, sampleRecipe(), hooksOf(context)) };
    },
    'datasets.thumbnails': async ({ dataset }, context) => {
      const { makeAllThumbnails } = await import('./all-thumbnails.ts');
      return makeAllThumbnails(home, dataset, hooksOf(context));
    },
    'datasets.remove': async ({ dataset }) => {
      await (await load.datasets()).removeFromDatasets(await datasets(), dataset);
      return {};
    },
    'paths.list': async (query) => (await import('./paths.ts')).listFolder(query),

    'media.picture': async ({ dataset, image, size }, { signal }) =>
      (await import('./thumbnails.ts')).thumbnailFile(await datasets(), dataset, image, size, signal),
    'media.upload': async ({ upload, size }, { signal }) =>
      (await load.uploads()).uploadFile(home, upload, size, signal),
    'media.storeUpload': async ({ bytes }) => {
      const { cleanUploads, storeUpload } = await load.uploads();
      await cleanUploads(home);
      return storeUpload(home, bytes);
    },

    'models.list': async () => (await load.models()).listLibrary(home),
    'models.show': async ({ model }) => (await load.models()).showInLibrary(home, model),
    'models.add': async (params, context) => (await load.models()).addToLibrary(home, params, hooksOf(context)),
    'devices.list': async (_, { signal }) => ({
      devices: await (await import('./devices.ts')).probeDevices(trial, signal),
    }),
    'models.check': async ({ model }) => (await import('./model-check.ts')).checkModel(home, model),
    'models.planPull': async (request, { signal }) =>
      (await load.downloads()).planModelPull(home, request, process.env, signal),
    'models.pull': async (request, context) =>
      (await load.downloads()).pullIntoLibrary(home, request, process.env, hooksOf(context)),
    'models.downloads': async () => (await load.downloads()).listDownloads(home),
    'models.discard': async ({ model }) => {
      (await load.downloads()).discardDownload(home, model);
      return {};
    },
    'models.remove': async ({ model }) => {
      (await load.models()).removeFromLibrary(home, model);
      return {};
    },

    'adapters.list': async () => (await import('./adapters.ts')).listAdapterInfos(home),

    'runs.list': async () => (await load.runs()).runList(home),
    'runs.show': async ({ run }) => (await load.runs()).runDetails(home, run, await shelf()),
    'runs.series': async (query) => (await import('./run-series.ts')).runSeries(home, query, await shelf()),
    'runs.samples': async ({ run }) => (await load.runs()).runSamples(home, run),
    'runs.log': async (query) => (await load.runs()).runLog(home, query),
    'runs.firstBatch': async ({ run }) => (await load.runs()).runFirstBatch(home, run),
    'runs.compare': async (query) => (await import('./run-comparison.ts')).compareRuns(home, query, await shelf()),
    'runs.note': async (params) => {
      (await load.runs()).noteRun(home, params);
      return {};
    },
    'runs.remove': async ({ run }) => {
      (await import('../runs/run-library.ts')).removeRun(home, run);
      return {};
    },

    'train.estimate': async ({ config }) => (await import('./estimate.ts')).estimateRun(home, config),
    train: async ({ config }, context) =>
      (await load.training()).startRun(home, parseTrainConfig(config), { ...hooksOf(context), trial }),
    resume: async ({ run }, context) => (await load.training()).resumeRun(home, run, { ...hooksOf(context), trial }),

    evaluate: async (params, context) => (await import('./prediction.ts')).evaluateRun(home, params, hooksOf(context)),
    export: async (params, context) => (await import('./export.ts')).exportAdapter(home, params, hooksOf(context)),
    'evaluations.list': async (query) => (await load.evaluations()).listEvaluations(home, query),
    'evaluations.show': async (ref) => (await load.evaluations()).showEvaluation(home, ref),
    'evaluations.items': async (query) => (await load.evaluations()).evaluationItems(home, query),
    'evaluations.compare': async (query) => (await load.evaluations()).compareEvaluations(home, query),
    'evaluations.remove': async (ref) => {
      (await load.evaluations()).removeEvaluation(home, ref);
      return {};
    },
    'evaluations.officialResult': async (ref) => ({ text: (await load.evaluations()).officialResult(home, ref) }),
    'evaluations.report': async (request) => {
      const { htmlReport } = await import('./evaluation-report.ts');
      return { html: await htmlReport(home, request) };
    },

    'playground.try': async ({ picture, ...request }, { signal }) => {
      const tryOut = await playground.tryOut();
      return tryOut.answer({ ...request, image: await fileOf(home, picture) }, { signal });
    },
  };
}
