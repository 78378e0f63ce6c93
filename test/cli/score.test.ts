/** `dept score` on small files in the official formats. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dept } from './fake-host.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'dept-score-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(home, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function vqaFiles(prediction: string): string[] {
  const answers = Array.from({ length: 10 }, () => ({ answer: 'yes' }));
  const annotation = { question_id: 1, answers, answer_type: 'yes/no', question_type: 'is the' };
  return [
    '--questions',
    file('questions.json', { questions: [{ question_id: 1, image_id: 1, question: 'is the cat in?' }] }),
    '--annotations',
    file('annotations.json', { annotations: [annotation] }),
    '--predictions',
    file('answers.json', [{ question_id: 1, answer: prediction }]),
  ];
}

test('vqa: overall and per type, by either variant', async () => {
  const { stdout } = await dept(['score', 'vqa', '--json', ...vqaFiles('Yes')], { home });
  expect(JSON.parse(stdout)).toEqual({
    questions: 1,
    variant: 'vl-t5',
    accuracy: 100,
    perAnswerType: { 'yes/no': 100 },
    perQuestionType: { 'is the': 100 },
  });
  const official = await dept(['score', 'vqa', '--variant', 'official', ...vqaFiles('Yes')], { home });
  expect(official.stdout).toContain('accuracy  0\n');
});

test('vqa: the topk score, where the answers a model may give are known', async () => {
  const vocabulary = file('vocabulary.json', ['yes', 'no']);
  const { stdout } = await dept(['score', 'vqa', '--json', '--vocabulary', vocabulary, ...vqaFiles('yes')], { home });
  expect(JSON.parse(stdout)).toMatchObject({ topk: { score: 1, optimalScore: 1, optimalQuestions: 1 } });
  const none = file('none.json', []);
  const outside = await dept(['score', 'vqa', '--vocabulary', none, ...vqaFiles('yes')], { home });
  expect(outside.stdout).toMatch(/optimalQuestions +0/);
});

test('captions: the metrics of the COCO table, and a word on images without prediction', async () => {
  const references = file('references.json', {
    images: [{ id: 1 }, { id: 2 }],
    annotations: [
      { image_id: 1, caption: 'a red circle on a table' },
      { image_id: 2, caption: 'two dogs' },
    ],
  });
  const predictions = file('captions.json', [{ image_id: 1, caption: 'A red circle on a table.' }]);
  const args = ['score', 'captions', '--references', references, '--predictions', predictions];
  const { stdout, stderr } = await dept(args, { home });
  expect(stdout).toMatch(/^BLEU-4 +1$/m);
  expect(stdout).toMatch(/^ROUGE-L +1$/m);
  expect(stderr).toBe('Images without a prediction, which do not count: 1\n');
  const value = JSON.parse((await dept([...args, '--json'], { home })).stdout);
  expect(Object.keys(value)).toEqual([
    'images',
    'withoutPrediction',
    'CIDEr',
    'BLEU-1',
    'BLEU-2',
    'BLEU-3',
    'BLEU-4',
    'ROUGE-L',
    'METEOR (no paraphrases)',
    'notes',
  ]);
  expect(stdout).toContain('METEOR (no paraphrases): METEOR 1.5 with its exact, stem and synonym matches.');
  expect(value.notes).toMatchObject({ SPICE: expect.stringContaining('Not offered') });
});

test('a missing file is exit code 2 and names the file', async () => {
  const args = ['score', 'captions', '--references', 'no.json', '--predictions', 'no.json'];
  const { exitCode, stderr } = await dept(args, { home });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('where:    no.json');
});
