/** Evaluating a trained run: what is kept agrees with what is told, other settings do not overwrite it, a stop leaves nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EvaluateRequest, TrainResult } from '../../engine/contract/calls.ts';
import { evaluationItemsQuerySchema, evaluationItemsSchema } from '../../engine/contract/evaluations.ts';
import { openDataset } from '../../engine/data/dataset.ts';
import { readVqaFiles } from '../../engine/metrics/official-files.ts';
import { scoreVqa } from '../../engine/metrics/vqa-accuracy.ts';
import { evaluationItems, listEvaluations, officialResult, showEvaluation } from '../../engine/service/evaluations.ts';
import { openService } from '../../engine/service/service.ts';
import { dept } from '../cli/fake-host.ts';
import { configFor, fillHome, folderForFile } from './small-home.ts';

const home = folderForFile();
const service = openService({ home });
beforeAll(() => fillHome(home));

const itemsOf = (run: string, id: string) => {
  const page = evaluationItems(home, evaluationItemsQuerySchema.parse({ run, id, sort: 'order', limit: 500 }));
  return evaluationItemsSchema.parse(page).items;
};
const mean = (scores: readonly number[]): number => scores.reduce((sum, score) => sum + score, 0) / scores.length;

describe('a VQA run', () => {
  let run: TrainResult;
  let request: EvaluateRequest;
  beforeAll(async () => {
    run = await service.train(configFor('vqa', { steps: 4, checkpoint: { every: 2 } }));
    request = { run: run.run, split: 'test', checkpoint: 'best' };
  });
  const kept = (): string[] => listEvaluations(home, { run: run.run }).evaluations.map(({ id }) => id);

  test('keeps every answer with its score', async () => {
    const result = await service.evaluate(request);
    const details = showEvaluation(home, { run: run.run, id: result.evaluation });
    expect(details).toMatchObject({
      ...{ run: run.run, dataset: 'small', split: 'test', task: 'vqa', step: 4, checkpoint: 'best', examples: 24 },
      metrics: result.metrics,
      decoding: { beams: 2, maxLength: 12, minLength: 0, lengthPenalty: 1, earlyStopping: false },
      versions: { node: process.versions.node },
    });
    expect(details).not.toHaveProperty('limit');
    const items = itemsOf(run.run, result.evaluation);
    expect(mean(items.map(({ score }) => score))).toBeCloseTo(result.metrics.accuracy as number, 1);
    for (const { group, count, score } of details.byAnswerType) {
      const members = items.filter(({ answerType }) => answerType === group);
      expect([count, score]).toEqual([members.length, expect.closeTo(mean(members.map((item) => item.score)), 9)]);
      expect(score).toBeCloseTo((result.metrics.perAnswerType as Record<string, number>)[group]!, 1);
    }
    expect(details.byQuestionType.map(({ group }) => group).sort()).toEqual(
      Object.keys(result.metrics.perQuestionType!).sort(),
    );
    expect(items[0]).toMatchObject({ imageId: expect.stringMatching(/^test\//), references: { length: 10 } });
  });

  test('its official result file scores the same', async () => {
    const { evaluation, metrics, predictions } = await service.evaluate(request);
    expect(predictions).toBe(join(run.folder, 'evaluations', evaluation, 'predictions.json'));
    expect(officialResult(home, { run: run.run, id: evaluation })).toBe(readFileSync(predictions, 'utf8'));
    using dataset = openDataset(home, 'small');
    const folder = join(dataset.info.parts[0]!.sources[0]!.path, '..');
    const questions = join(folder, 'questions_test.json');
    const { perItem, ...scores } = scoreVqa(
      readVqaFiles({ questions, annotations: join(folder, 'annotations_test.json'), predictions }),
      'vl-t5',
    );
    expect(scores).toEqual(metrics);
    const items = itemsOf(run.run, evaluation);
    expect(items.map(({ id, score }) => ({ id, score: expect.closeTo(score / 100, 9) }))).toEqual(perItem);
  });

  test('the same again replaces, other settings stand beside it, the file asked for is written too', async () => {
    const before = await service.evaluate(request);
    const again = await service.evaluate({ ...request, checkpoint: 4, decoding: { lengthPenalty: 1 } });
    expect(again.evaluation).toBe(before.evaluation);
    expect(kept()).toEqual([before.evaluation]);
    const predictions = join(home, 'out', 'p.json');
    const shorter = await service.evaluate({ ...request, decoding: { beams: 1, maxLength: 3 }, limit: 5, predictions });
    expect(shorter).toMatchObject({ examples: 5, predictions });
    expect(new Set(kept())).toEqual(new Set([before.evaluation, shorter.evaluation]));
    const ref = { run: run.run, id: shorter.evaluation };
    expect(showEvaluation(home, ref)).toMatchObject({ limit: 5, decoding: { beams: 1, maxLength: 3 } });
    expect(readFileSync(predictions, 'utf8')).toBe(officialResult(home, ref));
    const own = before.predictions;
    expect(JSON.parse(readFileSync(own, 'utf8'))).toHaveLength(24);
  });

  test('a stop leaves nothing', async () => {
    const controller = new AbortController();
    const before = kept();
    const progress = ({ task }: { task: string }): void => {
      if (task === 'Generating text') controller.abort();
    };
    const stopped = service.evaluate({ ...request, split: 'val' }, { signal: controller.signal, progress });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(kept()).toEqual(before);
    const later = await service.evaluate({ ...request, split: 'val' });
    expect(new Set(kept())).toEqual(new Set([...before, later.evaluation]));
  });

  test('dept report writes the newest evaluation, or the one it is told', async () => {
    const { evaluation } = await service.evaluate(request);
    const output = join(home, 'out', 'report.html');
    const { exitCode, stdout } = await dept(['report', run.run, '--output', output], { home });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`Wrote the report of ${evaluation}: ${output}`)]);
    expect(readFileSync(output, 'utf8')).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    const other = kept().find((id) => id !== evaluation)!;
    const told = await dept(['report', run.run, '--evaluation', other, '--output', output], { home });
    expect(told.stdout).toContain(`Wrote the report of ${other}`);
    const wrong = await dept(['report', run.run, '--evaluation', 'none', '--output', output], { home });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("has no evaluation 'none'")]);
  });
});

test('a caption run keeps all metrics of every caption', async () => {
  const run = await service.train(configFor('caption', { steps: 4 }));
  const output = join(home, 'out', 'none.html');
  const early = await dept(['report', run.run, '--output', output], { home });
  expect([early.exitCode, early.stderr]).toEqual([2, expect.stringContaining(`dept eval ${run.run}`)]);
  expect(existsSync(output)).toBe(false);

  const { evaluation, metrics } = await service.evaluate({ run: run.run, split: 'test', checkpoint: 'last' });
  const details = showEvaluation(home, { run: run.run, id: evaluation });
  expect(details).toMatchObject({
    scoreName: 'CIDEr',
    byAnswerType: [],
    byQuestionType: [],
    notes: { SPICE: expect.any(String) },
  });
  const items = itemsOf(run.run, evaluation);
  expect(items).toHaveLength(8);
  for (const { score, scores, question } of items) {
    expect(Object.keys(scores!)).toEqual(Object.keys(metrics));
    expect([scores!.CIDEr, question]).toEqual([score, undefined]);
  }
  expect(mean(items.map(({ score }) => score))).toBeCloseTo(metrics.CIDEr as number, 9);
});
