/** The two tasks: what T5 reads and what it should write (spec 2.4). */

export type Task = 'vqa' | 'caption';

/** T5's input text; a caption needs no words beyond its prefix. */
export function taskText(task: Task, question?: string): string {
  return task === 'vqa' ? `vqa: ${question ?? ''}` : 'caption:';
}
