/**
 * One task of `scale.ts` in a process of its own, which loads no more than the task needs, so that its memory is its own:
 * `scale-process.ts <task> <arguments>` sends how long it took and how large it became.
 */
import { peakMemory } from '../../engine/common/process.ts';
import { encoder, PICTURES, QUESTIONS_EACH, shape } from './scale-amounts.ts';

export interface Done {
  readonly ms: number;
  /** The most resident memory of the process, in bytes. */
  readonly memory: number;
}

/** Each loads what it needs, and gives back the work itself. */
const tasks: Readonly<Record<string, (...args: string[]) => Promise<() => unknown>>> = {
  import: async (home, source) => {
    const { importDataset } = await import('../../engine/data/import.ts');
    return async () => {
      const { parts } = await importDataset({ home: home!, name: 'vqa', paths: [source!], format: 'vqa-v2' });
      const taken = parts.reduce((sum, { items }) => sum + items, 0);
      if (taken !== PICTURES * QUESTIONS_EACH) throw new Error(`${taken} questions were taken`);
    };
  },
  features: async (home) => {
    const { openFeatureCache } = await import('../../engine/data/feature-cache.ts');
    return () => {
      const cache = openFeatureCache(home!, encoder, 'vqa', shape);
      const missing = cache.missing(Array.from({ length: PICTURES }, (_, i) => `train/${i}`));
      if (cache.size !== PICTURES || missing.length > 0) throw new Error(`${missing.length} pictures are missing`);
    };
  },
  series: async (home, run) => {
    const { MeasurementShelf, runSeries } = await import('../../engine/service/run-series.ts');
    const { seriesQuerySchema } = await import('../../engine/contract/runs.ts');
    return () => runSeries(home!, seriesQuerySchema.parse({ run, points: 2000 }), new MeasurementShelf());
  },
  show: async (home, run, id) => {
    const { showEvaluation } = await import('../../engine/service/evaluations.ts');
    return () => showEvaluation(home!, { run: run!, id: id! });
  },
  items: async (home, run, id, query) => {
    const { evaluationItems } = await import('../../engine/service/evaluations.ts');
    const { evaluationItemsQuerySchema } = await import('../../engine/contract/evaluations.ts');
    const wanted = evaluationItemsQuerySchema.parse({ run, id, limit: 60, ...JSON.parse(query!) });
    return () => evaluationItems(home!, wanted);
  },
};

const [task = '', ...args] = process.argv.slice(2);
const work = await tasks[task]!(...args);
const begun = performance.now();
await work();
const done: Done = { ms: performance.now() - begun, memory: peakMemory() };
process.send!(done, () => process.exit(0));
