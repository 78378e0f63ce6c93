/** The playground: one picture put to a trained run, answered fast from the second question on. */
import { DeptError } from '../common/errors.ts';
import type { JobHooks } from '../contract/jobs.ts';
import type { TrainConfig } from '../contract/train-config.ts';
import type { TryOnFile, TryResult } from '../contract/try-out.ts';
import { completeOptions, type GenerateSettings } from '../decoding/generate-options.ts';
import { readGenerationDefaults } from '../decoding/generation-config.ts';
import { changesScores } from '../decoding/score-rules.ts';
import type { Answer } from '../decoding/search.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRun } from '../runs/run-library.ts';
import { readTrained } from '../training/checkpoint-files.ts';
import { trainedParameters } from '../vision-language/clip-t5.ts';
import { taskText } from '../vision-language/tasks.ts';
import { generateOptions } from './decoding.ts';
import type { OpenModel } from './open-model.ts';
import { decodingInForce, runConfig } from './run-decoding.ts';
import { TriedRun } from './tried-run.ts';

/** Two, so that runs can be tried side by side. */
const RUNS_KEPT = 2;

/** What T5 reads. Throws `bad-input` for a question to a run that writes captions, and for none to one that answers. */
function promptOf(run: string, { task }: TrainConfig, question: string | undefined): string {
  if (task === 'vqa' && (question === undefined || question.trim() === '')) {
    throw new DeptError('bad-input', `The run '${run}' answers questions`, { expected: 'a question', got: 'none' });
  }
  if (task === 'caption' && question !== undefined) {
    throw new DeptError('bad-input', `The run '${run}' writes captions`, {
      expected: 'a picture without a question',
      got: `the question '${question}'`,
      remedy: 'Leave the question out, or choose a run of the task vqa.',
    });
  }
  return taskText(task, question);
}

function generationOf(model: OpenModel, { evaluation }: TrainConfig, answers: number): GenerateSettings {
  const { config } = model.clipT5;
  const defaults = readGenerationDefaults(model.checkpoint.folder, config);
  const beams = Math.max(evaluation.beams, answers);
  return completeOptions({ ...generateOptions({ ...evaluation, beams }, defaults), returnSequences: answers }, config);
}

/** Rules change scores without making them sum to one again: then there is no probability to tell. */
function probabilityOf({ ids, score }: Answer, generation: GenerateSettings): number | undefined {
  if (changesScores(generation)) return undefined;
  const sum = generation.beams === 1 ? score : score * ids.length ** generation.lengthPenalty;
  return Math.min(Math.exp(sum), 1);
}

function checkWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DeptError('cancelled', 'Trying the run was stopped');
}

/** Takes the time since it was made or last asked, in seconds. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

/** Keeps the graphs of the last two runs open; takes one question after another. */
export class TryOut implements AsyncDisposable {
  readonly #home: string;
  readonly #threads: number | null;
  /** By run id, the longest unused first. */
  readonly #open = new Map<string, TriedRun>();
  #last: Promise<unknown> = Promise.resolve();

  /** `threads`: CPU threads; null: as many as there are cores. */
  constructor(home: string, threads: number | null = null) {
    this.#home = home;
    this.#threads = threads;
  }

  /**
   * Throws `not-found` for run, checkpoint and picture; `bad-file` for a picture that cannot be read; `bad-input` for a
   * question that does not fit the run's task, and where a model is not the one that the run was trained on; `bad-config`
   * or `bad-input` for a way of generating that cannot be; `cancelled` on an abort.
   */
  answer(request: TryOnFile, hooks: Pick<JobHooks, 'signal'> = {}): Promise<TryResult> {
    const answer = this.#last.then(() => this.#answer(request, hooks));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #answer(request: TryOnFile, { signal }: Pick<JobHooks, 'signal'>): Promise<TryResult> {
    checkWanted(signal);
    const passed = stopwatch();
    const run = openRun(this.#home, request.run);
    const config = runConfig(run, request.decoding);
    const prompt = promptOf(run.id, config, request.question);
    const { step, folder } = run.checkpoints.find(request.checkpoint);
    const tried = await this.#opened(run, config);
    const { clipT5, tokenizer, vision } = tried.model;
    const generation = generationOf(tried.model, config, request.answers);
    const parameters = readTrained(folder, trainedParameters(clipT5));
    const open = passed();

    checkWanted(signal);
    const visualTokens = await tried.look(request.image);
    const picture = passed();

    checkWanted(signal);
    const { source, answers } = await tried.answers(parameters, prompt, visualTokens, generation, signal);
    const text = passed();

    checkWanted(signal);
    const words = request.attention ? await tried.attention(source, answers[0]!.ids) : [];
    const attention = passed();

    const texts = answers.map((one) => ({
      text: tokenizer.decode(one.ids).trim(),
      score: Number.isFinite(one.score) ? one.score : null,
      probability: probabilityOf(one, generation),
    }));
    const side = Math.sqrt(vision.tokens);
    return {
      run: run.id,
      step,
      task: config.task,
      text: texts[0]!.text,
      answers: texts,
      cut: tokenizer.encode(prompt).length > config.maxTextLength,
      words,
      grid: { rows: side, columns: side },
      seconds: { open, picture, text, attention },
      decoding: decodingInForce(generation),
    };
  }

  /** The run with its graphs, opened where it is not or its models have changed. */
  async #opened(run: RunFolder, config: TrainConfig): Promise<TriedRun> {
    const known = this.#open.get(run.id);
    this.#open.delete(run.id);
    if (known?.isCurrent) {
      this.#open.set(run.id, known);
      return known;
    }
    await known?.[Symbol.asyncDispose]();
    for (const [id, longestUnused] of [...this.#open].slice(0, this.#open.size - RUNS_KEPT + 1)) {
      this.#open.delete(id);
      await longestUnused[Symbol.asyncDispose]();
    }
    const opened = await TriedRun.open(this.#home, run, { ...config, threads: this.#threads });
    this.#open.set(run.id, opened);
    return opened;
  }

  /** Frees the native memory, once the question at work is answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const tried of all) await tried[Symbol.asyncDispose]();
  }
}
