/** From the call of a job to what a person reads of it. */
import { basename } from 'node:path';
import { checkedParams } from '../../engine/contract/answering.ts';
import { type JobCall, jobCalls } from '../../engine/contract/api.ts';
import type { CheckedParams } from '../../engine/contract/call-table.ts';
import { readRequest } from '../../engine/weights/hub/pull-request.ts';
import type { JobOrder } from './job-board.ts';

type Words = Pick<JobOrder, 'title' | 'about'>;

/** A field of a config that is yet to be checked. */
function text(config: Readonly<Record<string, unknown>>, group: string, field: string): string | undefined {
  const value = (config[group] as Readonly<Record<string, unknown>> | undefined)?.[field];
  return typeof value === 'string' ? value : undefined;
}

const formatNames = { dept: 'a DePT adapter', peft: 'a PEFT adapter', onnx: 'ONNX' } as const;

const wordsFor: { readonly [Call in JobCall]: (params: CheckedParams<typeof jobCalls, Call>) => Words } = {
  train: ({ config }) => {
    const dataset = text(config, 'dataset', 'name');
    return { title: `Train on ${dataset ?? 'a dataset'}`, about: { ...(dataset !== undefined && { dataset }) } };
  },
  resume: ({ run }) => ({ title: `Go on with ${run}`, about: { run } }),
  evaluate: ({ run, split }) => ({ title: `Evaluate ${run} on ${split}`, about: { run } }),
  'datasets.import': ({ name }) => ({ title: `Import ${name}`, about: { dataset: name } }),
  'datasets.sample': () => ({ title: 'Draw the sample dataset', about: {} }),
  'datasets.thumbnails': ({ dataset }) => ({ title: `Thumbnails of ${dataset}`, about: { dataset } }),
  export: ({ run, format }) => ({ title: `Export ${run} as ${formatNames[format]}`, about: { run } }),
  'models.add': ({ folder, name }) => {
    const model = name ?? basename(folder);
    return { title: `Add the model ${model}`, about: { model } };
  },
  'models.pull': (params) => {
    const { name: model } = readRequest(params, URL.parse(process.env.HF_ENDPOINT ?? '')?.host);
    return { title: `Download ${model}`, about: { model } };
  },
};

/** Throws `bad-input` for params that the call does not take. */
export function orderOf(call: JobCall, params: unknown): JobOrder {
  const own = checkedParams(jobCalls, call, params);
  return { call, params: own, lane: jobCalls[call].lane, ...wordsFor[call](own as never) };
}
