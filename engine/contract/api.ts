/** The table of all calls: what a page may ask of the host, and the host of an engine's process. There is no other way in. */
import { z } from 'zod';
import { adapterListSchema, exportParamsSchema, exportResultSchema } from './adapters.ts';
import { appInfoSchema, settingsChangeSchema, settingsSchema } from './app.ts';
import type { CallTable, Params, Result } from './call-table.ts';
import {
  answerCountsQuerySchema,
  answerCountsSchema,
  browseQuerySchema,
  browseResultSchema,
  datasetDetailsSchema,
  datasetListSchema,
  datasetNameSchema,
  detectionSchema,
  detectQuerySchema,
  importParamsSchema,
  itemDetailsSchema,
  itemQuerySchema,
  refusedPageSchema,
  refusedQuerySchema,
} from './datasets.ts';
import { deviceListSchema } from './devices.ts';
import { configParamsSchema, estimateSchema } from './estimate.ts';
import {
  compareEvaluationsSchema,
  evaluationComparisonSchema,
  evaluationDetailsSchema,
  evaluationItemsQuerySchema,
  evaluationItemsSchema,
  evaluationListSchema,
  evaluationRefSchema,
  evaluationReportSchema,
  listEvaluationsSchema,
} from './evaluations.ts';
import {
  doneSchema,
  evaluateParamsSchema,
  evaluateResultSchema,
  importResultSchema,
  nothingSchema,
  sampleResultSchema,
  thumbnailsResultSchema,
  trainResultSchema,
} from './job-calls.ts';
import { jobIdSchema, jobRecordSchema } from './job-records.ts';
import {
  addModelSchema,
  modelCheckSchema,
  modelListSchema,
  modelNameSchema,
  modelSchema,
  pullModelSchema,
  pullPlanSchema,
  unfinishedListSchema,
} from './models.ts';
import { folderListSchema, folderQuerySchema, pathSchema } from './paths.ts';
import {
  compareRunsSchema,
  firstBatchAnswerSchema,
  noteRunSchema,
  runComparisonSchema,
  runDetailsSchema,
  runListSchema,
  runLogQuerySchema,
  runLogSchema,
  runNameSchema,
  runSamplesSchema,
  runSeriesSchema,
  seriesQuerySchema,
} from './runs.ts';
import { tryRequestSchema, tryResultSchema } from './try-out.ts';

/** What a call changes, and all pages are told of. */
type Changes = readonly ('runs' | 'datasets' | 'models' | 'evaluations')[];

function quick<P extends z.ZodType, R extends z.ZodType>(params: P, result: R, changes: Changes = []) {
  return { lane: 'library', params, result, changes } as const;
}

/** Reads that a page waits for, and small changes; answered by the library's process. */
const libraryCalls = {
  'datasets.list': quick(nothingSchema, datasetListSchema),
  'datasets.show': quick(datasetNameSchema, datasetDetailsSchema),
  'datasets.browse': quick(browseQuerySchema, browseResultSchema),
  'datasets.item': quick(itemQuerySchema, itemDetailsSchema),
  'datasets.answers': quick(answerCountsQuerySchema, answerCountsSchema),
  'datasets.refused': quick(refusedQuerySchema, refusedPageSchema),
  'datasets.remove': quick(datasetNameSchema, doneSchema, ['datasets']),
  'paths.list': quick(folderQuerySchema, folderListSchema),
  'models.list': quick(nothingSchema, modelListSchema),
  'models.show': quick(modelNameSchema, modelSchema),
  'models.remove': quick(modelNameSchema, doneSchema, ['models']),
  'models.downloads': quick(nothingSchema, unfinishedListSchema),
  'models.discard': quick(modelNameSchema, doneSchema, ['models']),
  'adapters.list': quick(nothingSchema, adapterListSchema),
  'runs.list': quick(nothingSchema, runListSchema),
  'runs.show': quick(runNameSchema, runDetailsSchema),
  'runs.series': quick(seriesQuerySchema, runSeriesSchema),
  'runs.samples': quick(runNameSchema, runSamplesSchema),
  'runs.log': quick(runLogQuerySchema, runLogSchema),
  'runs.firstBatch': quick(runNameSchema, firstBatchAnswerSchema),
  'runs.compare': quick(compareRunsSchema, runComparisonSchema),
  'runs.note': quick(noteRunSchema, doneSchema, ['runs']),
  'runs.remove': quick(runNameSchema, doneSchema, ['runs', 'evaluations']),
  'evaluations.list': quick(listEvaluationsSchema, evaluationListSchema),
  'evaluations.show': quick(evaluationRefSchema, evaluationDetailsSchema),
  'evaluations.items': quick(evaluationItemsQuerySchema, evaluationItemsSchema),
  'evaluations.compare': quick(compareEvaluationsSchema, evaluationComparisonSchema),
  'evaluations.remove': quick(evaluationRefSchema, doneSchema, ['evaluations']),
} as const;

/** Answers that take a moment, from a process that may be busy for it. */
const slowCalls = {
  'datasets.detect': { ...quick(detectQuerySchema, detectionSchema), lane: 'data' },
  /** Asks the hub: one of the two calls that go to the network. */
  'models.planPull': { ...quick(pullModelSchema, pullPlanSchema), lane: 'net' },
  'models.check': { ...quick(modelNameSchema, modelCheckSchema), lane: 'try' },
  'devices.list': { ...quick(nothingSchema, deviceListSchema), lane: 'try' },
  'train.estimate': { ...quick(configParamsSchema, estimateSchema), lane: 'try' },
  'playground.try': { ...quick(tryRequestSchema, tryResultSchema), lane: 'try' },
} as const;

/** Engine calls that a page may make itself. */
export const pageEngineCalls = { ...libraryCalls, ...slowCalls } as const;

/** Long work: a page starts a job with `jobs.start`, and reads of it in the job's record. */
export const jobCalls = {
  train: { lane: 'work', params: configParamsSchema, result: trainResultSchema, changes: ['runs'] },
  resume: { lane: 'work', params: runNameSchema, result: trainResultSchema, changes: ['runs'] },
  evaluate: { lane: 'work', params: evaluateParamsSchema, result: evaluateResultSchema, changes: ['evaluations'] },
  'datasets.import': { lane: 'data', params: importParamsSchema, result: importResultSchema, changes: ['datasets'] },
  'datasets.sample': { lane: 'data', params: nothingSchema, result: sampleResultSchema, changes: ['datasets'] },
  /** Changes nothing that a page reads: it asks for pictures, and gets them sooner. */
  'datasets.thumbnails': { lane: 'pictures', params: datasetNameSchema, result: thumbnailsResultSchema, changes: [] },
  'models.add': { lane: 'data', params: addModelSchema, result: modelSchema, changes: ['models'] },
  /** The other one. */
  'models.pull': { lane: 'net', params: pullModelSchema, result: modelSchema, changes: ['models'] },
  export: { lane: 'data', params: exportParamsSchema, result: exportResultSchema, changes: [] },
} as const;

const size = z.enum(['thumb', 'view']);
const file = z.object({ path: z.string(), type: z.string(), etag: z.string() });

/** What the host asks for the addresses of pictures and exports. Paths stay inside: no page ever sees or gives them. */
const hostOnlyCalls = {
  'media.picture': quick(z.strictObject({ dataset: z.string(), image: z.string(), size }), file),
  'media.upload': quick(z.strictObject({ upload: z.string(), size }), file),
  'media.storeUpload': quick(
    z.strictObject({ bytes: z.instanceof(Uint8Array) }),
    z.object({ id: z.string(), width: z.int(), height: z.int() }),
  ),
  'evaluations.officialResult': quick(evaluationRefSchema, z.object({ text: z.string() })),
  'evaluations.report': { ...quick(evaluationReportSchema, z.object({ html: z.string() })), lane: 'data' },
} as const;

/** What an engine's process answers. */
export const engineCalls = { ...pageEngineCalls, ...jobCalls, ...hostOnlyCalls } as const;

const jobNames = Object.keys(jobCalls) as [JobCall, ...JobCall[]];

/** What the host answers itself. */
export const hostCalls = {
  'app.info': { params: nothingSchema, result: appInfoSchema },
  /** Goes on in another home folder, which is made where it is missing. */
  'app.setHome': { params: z.strictObject({ home: pathSchema }), result: appInfoSchema },
  'settings.get': { params: nothingSchema, result: settingsSchema },
  'settings.set': { params: settingsChangeSchema, result: settingsSchema },
  /** Newest first. */
  'jobs.list': { params: nothingSchema, result: z.array(jobRecordSchema) },
  'jobs.start': { params: z.strictObject({ call: z.enum(jobNames), params: z.unknown() }), result: jobRecordSchema },
  /** Training saves and stops; other work ends as if it had not been, but for what it says of itself. */
  'jobs.cancel': { params: jobIdSchema, result: jobRecordSchema },
  'jobs.pause': { params: z.strictObject({ ...jobIdSchema.shape, paused: z.boolean() }), result: jobRecordSchema },
  'jobs.dismiss': { params: jobIdSchema, result: doneSchema },
} as const;

/** Everything that a page may ask. */
export const pageCalls = { ...hostCalls, ...pageEngineCalls } as const;

export type HostCalls = typeof hostCalls;
export type PageCalls = typeof pageCalls;
export type EngineCalls = typeof engineCalls;
export type EngineCall = keyof EngineCalls;
export type PageEngineCall = keyof typeof pageEngineCalls;
export type JobCall = keyof typeof jobCalls;
export type JobParams<Call extends JobCall> = Params<typeof jobCalls, Call>;
export type PageParams<Call extends keyof PageCalls> = Params<PageCalls, Call>;
export type PageResult<Call extends keyof PageCalls> = Result<PageCalls, Call>;

/** Fails to compile where a table is not one. */
export const allCalls: CallTable = { ...hostCalls, ...engineCalls };
