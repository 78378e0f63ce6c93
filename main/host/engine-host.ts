/**
 * The host: owns the engine's processes and the jobs, and gives pages access to the contract. It does no work itself, so it
 * answers at once whatever the engine does.
 */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { isAbsolute } from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { DeptError } from '../../engine/common/errors.ts';
import { type AnsweringEnd, answerCalls, type CallContext, type Handlers } from '../../engine/contract/answering.ts';
import {
  type EngineCall,
  engineCalls,
  type HostCalls,
  type JobCall,
  jobCalls,
  type PageEngineCall,
  pageCalls,
  pageEngineCalls,
} from '../../engine/contract/api.ts';
import type { AppInfo, Settings, SettingsChange } from '../../engine/contract/app.ts';
import type { Params, Result } from '../../engine/contract/call-table.ts';
import { type AppEvent, type Lane, lanes } from '../../engine/contract/events.ts';
import type { JobRecord } from '../../engine/contract/job-records.ts';
import type { Port } from '../../engine/contract/port.ts';
import { isWithoutDatasets } from '../../engine/data/dataset-info.ts';
import { changeSettings, readSettings, unknownSettings } from '../../engine/service/settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type Drop, storeDroppedFile } from './drops.ts';
import { openHome } from './home.ts';
import { JobBoard, type JobOrder, type JobWork } from './job-board.ts';
import { orderOf } from './job-orders.ts';
import { LaneRunner } from './lane.ts';
import { DROP_LIMIT } from './limits.ts';
import type { SpawnEngine } from './own-process.ts';

export interface EngineHostOptions {
  readonly home: string;
  /** Why the home folder cannot be changed, such as `--home`. */
  readonly homeFixedBy?: string | undefined;
  /** Remembers another home folder for the next start. */
  readonly rememberHome?: (home: string) => void;
  /** Hears in a sentence what is wrong with a home folder that is used all the same. */
  readonly tell?: (sentence: string) => void;
  readonly spawn: SpawnEngine;
  readonly face: AppInfo['face'];
  /** Of Electron and Chromium. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** Milliseconds after which a lane without work gives its memory back; the library stays. */
const idleOf: Readonly<Record<Lane, number | undefined>> = {
  library: undefined,
  data: 60_000,
  pictures: 5_000,
  work: 60_000,
  try: 600_000,
  net: 60_000,
};

/** A run tells of each step: pages are poked so often at most. */
const POKE_EVERY_MS = 250;

/** Work that nobody asked for, and that goes on another time where it was stopped. */
const isAhead = ({ call }: Pick<JobRecord, 'call'>): boolean => call === 'datasets.thumbnails';

export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #pages = new Set<AnsweringEnd>();
  readonly #jobs: JobBoard;
  #home: string;
  #lanes: ReadonlyMap<Lane, LaneRunner>;
  readonly #poked = new Map<string, number>();

  constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#home = options.home;
    this.#open(options.home);
    this.#lanes = this.#createLanes();
    this.#jobs = new JobBoard({
      begin: (order, signal, onNews) => this.#begin(order, signal, onNews),
      onChange: (job) => this.#jobChanged(job),
      onRemoved: (job) => this.#emit({ type: 'job-removed', job }),
      onTrainEvent: ({ run }, event) => {
        if (run !== undefined) this.#poke(run, event.type !== 'step');
      },
    });
  }

  get home(): string {
    return this.#home;
  }

  /** In a home without datasets, draws the sample, so that the first start has something to train on. */
  prepare(): void {
    if (isWithoutDatasets(this.#home)) this.#start('datasets.sample', {});
  }

  /** Gives a page access to the contract for as long as its port is open. */
  connect(port: Port): void {
    const page = answerCalls(port, pageCalls, this.#handlers());
    this.#pages.add(page);
    port.onClose(() => this.#pages.delete(page));
  }

  /** Jobs that are not over, and that somebody may want to wait for. */
  activeJobs(): readonly JobRecord[] {
    return this.#jobs.active().filter((job) => !isAhead(job));
  }

  /** A call of the face itself: pictures and exports. */
  ask<Name extends EngineCall>(
    name: Name,
    params: Params<typeof engineCalls, Name>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Result<typeof engineCalls, Name>> {
    return this.#lane(engineCalls[name].lane).with((client) => client.call(name, params, options));
  }

  storeDrop(drop: string, names: readonly string[], body: ReadableStream | null): Promise<Drop> {
    return storeDroppedFile(this.#home, drop, names, body, DROP_LIMIT);
  }

  /** Asks all work to stop and save, waits for it, and ends the processes. */
  async close(): Promise<void> {
    await this.#jobs.stop();
    await this.#closeLanes();
  }

  #createLanes(): ReadonlyMap<Lane, LaneRunner> {
    const runners = lanes.map((lane): [Lane, LaneRunner] => {
      const onState = (state: 'started' | 'ended' | 'lost', reason?: string): void => {
        this.#emit({ type: 'engine', lane, state, ...(reason !== undefined && { reason }) });
      };
      return [
        lane,
        new LaneRunner({ lane, home: this.#home, spawn: this.#options.spawn, onState, idle: idleOf[lane] }),
      ];
    });
    return new Map(runners);
  }

  async #closeLanes(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  #lane(lane: Lane): LaneRunner {
    return this.#lanes.get(lane)!;
  }

  #emit(event: AppEvent): void {
    for (const page of this.#pages) page.emit(event);
  }

  #changed(what: 'runs' | 'datasets' | 'models' | 'evaluations', name?: string): void {
    this.#emit({ type: 'changed', what, ...(name !== undefined && { name }) });
  }

  /** Tells that a run has grown; `now` also where it did so a moment ago. */
  #poke(run: string, now: boolean): void {
    const time = performance.now();
    if (!now && time - (this.#poked.get(run) ?? Number.NEGATIVE_INFINITY) < POKE_EVERY_MS) return;
    this.#poked.set(run, time);
    this.#changed('runs', run);
  }

  /** What is made ahead is made once, whoever else wants it. */
  #start(call: JobCall, params: unknown): JobRecord {
    const order = orderOf(call, params);
    const same = this.#jobs.active().find((job) => isAhead(job) && job.dataset === order.about.dataset);
    return isAhead(order) && same !== undefined ? same : this.#jobs.start(order);
  }

  #begin({ call, params, lane }: JobOrder, signal: AbortSignal, onNews: (news: unknown) => void): JobWork {
    const { promise: paused, resolve: gotWork } = Promise.withResolvers<(paused: boolean) => void>();
    const result = this.#lane(lane).with((client) => {
      const work = client.begin(call, params as never, { signal, onNews });
      gotWork((value) => work.pause(value));
      return work.result;
    });
    return { result, pause: (value) => void paused.then((pause) => pause(value)) };
  }

  #jobChanged(job: JobRecord): void {
    this.#emit({ type: 'job', job });
    if (job.ended === undefined) return;
    for (const what of jobCalls[job.call as JobCall].changes) this.#changed(what);
    if (job.run !== undefined) this.#poke(job.run, true);
  }

  /** Engine calls go to their lane; what they change is told to all pages. */
  #forward<Name extends PageEngineCall>(name: Name) {
    const { lane, changes } = pageEngineCalls[name];
    return async (params: Params<typeof engineCalls, Name>, { signal, tell }: CallContext) => {
      const result = await this.#lane(lane).with((client) => client.call(name, params, { signal, onNews: tell }));
      for (const what of changes ?? []) this.#changed(what);
      return result;
    };
  }

  #handlers(): Handlers<typeof pageCalls> {
    const names = Object.keys(pageEngineCalls) as PageEngineCall[];
    const forwarded = Object.fromEntries(names.map((name) => [name, this.#forward(name)]));
    const own: Handlers<HostCalls> = {
      'app.info': () => this.#info(),
      'app.setHome': ({ home }) => this.#setHome(home),
      'settings.get': () => readSettings(this.#home),
      'settings.set': (changes) => this.#setSettings(changes),
      'jobs.list': () => this.#jobs.list(),
      'jobs.start': ({ call, params }) => this.#start(call, params),
      'jobs.cancel': ({ job }) => this.#jobs.cancel(job),
      'jobs.pause': ({ job, paused }) => this.#jobs.pause(job, paused),
      'jobs.dismiss': ({ job }) => {
        this.#jobs.dismiss(job);
        return {};
      },
    };
    return { ...forwarded, ...own, 'datasets.remove': this.#removeDataset } as Handlers<typeof pageCalls>;
  }

  /** What is made of its pictures meanwhile would come back into the folder that goes. */
  readonly #removeDataset: Handlers<typeof pageCalls>['datasets.remove'] = async (params, context) => {
    await this.#jobs.stop((job) => isAhead(job) && job.dataset === params.dataset);
    return this.#forward('datasets.remove')(params, context);
  };

  #open(home: string): void {
    const { tell = () => {} } = this.#options;
    openHome(home, tell);
    const unknown = unknownSettings(home);
    if (unknown !== undefined) tell(unknown);
  }

  #info(): AppInfo {
    const { homeFixedBy, rememberHome, face, versions } = this.#options;
    const unknown = unknownSettings(this.#home);
    const fixedBy = homeFixedBy ?? (rememberHome === undefined ? 'this way of starting' : undefined);
    return {
      version: manifest.version,
      versions: {
        Node: process.versions.node,
        'ONNX Runtime': manifest.dependencies['onnxruntime-node'],
        ...versions,
      },
      face,
      platform: `${process.platform} ${process.arch}`,
      home: this.#home,
      ...(fixedBy !== undefined && { homeFixedBy: fixedBy }),
      ...(unknown !== undefined && { unknownSettings: unknown }),
      cores: availableParallelism(),
      memory: totalmem(),
      processor: cpus()[0]?.model.trim() ?? 'unknown',
    };
  }

  #setSettings(changes: SettingsChange): Settings {
    const settings = changeSettings(this.#home, changes);
    this.#emit({ type: 'settings', settings });
    return settings;
  }

  async #setHome(home: string): Promise<AppInfo> {
    const { homeFixedBy, rememberHome } = this.#options;
    if (homeFixedBy !== undefined || rememberHome === undefined) {
      throw new DeptError('bad-input', 'The home folder cannot be changed here', { got: homeFixedBy ?? 'fixed' });
    }
    if (!isAbsolute(home)) {
      throw new DeptError('bad-input', 'The home folder is given by its full path', { got: home });
    }
    if (this.activeJobs().length > 0) {
      throw new DeptError('bad-input', 'There is work under way in this home folder', { remedy: 'Stop it first.' });
    }
    this.#open(home);
    const settings = readSettings(home);
    await this.#jobs.stop();
    await this.#closeLanes();
    this.#home = home;
    rememberHome(home);
    this.#lanes = this.#createLanes();
    this.prepare();
    for (const what of ['datasets', 'models', 'runs', 'evaluations'] as const) this.#changed(what);
    this.#emit({ type: 'settings', settings });
    return this.#info();
  }
}
