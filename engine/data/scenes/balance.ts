/** Keeps a set of questions fair: no wording may give its answer away, so each of its answers should be equally common. */
import type { Random } from '../../common/random.ts';
import { askOne, drawAnswerType, type Question } from './questions.ts';
import type { Scene } from './scene.ts';

/** Counts which answers each question text has had, and picks questions whose answer is not in the lead. */
export class QuestionBalance {
  readonly #counts = new Map<string, Map<string, number>>();

  /** `count` different questions about the scene, counted in. */
  take(scene: Scene, random: Random, count: number): Question[] {
    const taken = new Map<string, Question>();
    while (taken.size < count) {
      const question = this.#fairest(scene, random);
      if (question === undefined || taken.has(question.question)) continue;
      taken.set(question.question, question);
      this.#count(question);
    }
    return [...taken.values()];
  }

  /** Of a few questions of one answer type, the first whose answer is behind the others of its text, else the last. */
  #fairest(scene: Scene, random: Random): Question | undefined {
    const answerType = drawAnswerType(random);
    let question: Question | undefined;
    for (let tries = 0; tries < 12; tries += 1) {
      question = askOne(scene, random, answerType);
      if (question !== undefined && !this.#leads(question)) return question;
    }
    return question;
  }

  #leads({ question, answer, answerType }: Question): boolean {
    const answers = this.#counts.get(question);
    if (answers === undefined) return false;
    const had = answers.get(answer) ?? 0;
    if (answerType === 'yes/no') return had > (answers.get(answer === 'yes' ? 'no' : 'yes') ?? 0);
    const mean = [...answers.values()].reduce((sum, value) => sum + value, 0) / Math.max(3, answers.size);
    return had > mean;
  }

  #count({ question, answer }: Question): void {
    const answers = this.#counts.get(question) ?? new Map<string, number>();
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
    this.#counts.set(question, answers);
  }
}
