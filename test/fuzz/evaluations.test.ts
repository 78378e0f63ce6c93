/** The items of a kept evaluation, damaged on the disk: shown as they are, or refused naming the file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  evaluationComparisonSchema,
  evaluationDetailsSchema,
  evaluationItemsSchema,
} from '../../engine/contract/evaluations.ts';
import { keepEvaluation } from '../../engine/service/evaluation-store.ts';
import { compareEvaluations, evaluationItems, showEvaluation } from '../../engine/service/evaluations.ts';
import { makeRun, manyItems, summaryOf } from '../service/evaluation-samples.ts';
import { damaged } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const home = new ScratchFolder().path;
const run = makeRun(home);
const kept = keepEvaluation(run, summaryOf(run), manyItems(40));
const other = keepEvaluation(run, summaryOf(run, { step: 4 }), manyItems(40, 2));
const path = join(kept.folder, 'items.sqlite');
const whole = readFileSync(path);

const [ref, otherRef] = [kept, other].map(({ id }) => ({ run: run.id, id })) as [Ref, Ref];
type Ref = Parameters<typeof showEvaluation>[1];
const page = { ...ref, sort: 'worst', limit: 20, offset: 5 } as const;
const compared = { show: 'different', limit: 20, offset: 0 } as const;

/** Each has the form that pages read. */
const views: readonly (() => unknown)[] = [
  () => evaluationDetailsSchema.parse(showEvaluation(home, ref)),
  () => evaluationItemsSchema.parse(evaluationItems(home, page)),
  () => evaluationItemsSchema.parse(evaluationItems(home, { ...page, text: 'red' })),
  () => evaluationItemsSchema.parse(evaluationItems(home, { ...page, answerType: 'number' })),
  () => evaluationComparisonSchema.parse(compareEvaluations(home, { a: ref, b: otherRef, ...compared })),
  () => evaluationComparisonSchema.parse(compareEvaluations(home, { a: otherRef, b: ref, ...compared })),
];

hunt('items of an evaluation', {
  runs: 100,
  inputs: fc.tuple(damaged([whole]), fc.constantFrom(...views)),
  read: ([bytes, look]) => {
    writeFileSync(path, bytes);
    look();
  },
});
