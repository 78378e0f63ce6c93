/** VL-T5's form of VQA v2 on Karpathy's split (`karpathy_train.json` and so on, spec 5.4): one list of records. */
import { z } from 'zod';
import { ROOT_ARRAY, readJsonArrays } from '../json-stream.ts';
import type { ReadOptions } from '../read-file.ts';
import type { Source, SourceRecord } from '../source.ts';
import { answersSchema, idSchema, malformed, titleOf } from './record-schemas.ts';

const recordSchema = z.object({
  question_id: idSchema,
  img_id: z.string().min(1),
  sent: z.string(),
  answers: answersSchema,
  question_type: z.string().optional(),
  answer_type: z.string().optional(),
});

/** `COCO_train2014_000000458752` is image 458752 of COCO; the soft labels are left out, they follow from the answers. */
export async function* importVlt5Vqa(source: Source, options: ReadOptions): AsyncGenerator<SourceRecord> {
  const file = source.files[0]!;
  for await (const { value, line } of readJsonArrays(file, [ROOT_ARRAY], options)) {
    const place = { file, line };
    const item = titleOf('question', value, 'question_id', line);
    const result = recordSchema.safeParse(value);
    if (!result.success) {
      yield malformed(item, result.error, place);
      continue;
    }
    const { question_id: id, img_id: name, sent: question, answers, question_type, answer_type } = result.data;
    if (answers.length === 0) {
      yield { kind: 'refused', item, code: 'no-answers', reason: 'The record has no answers', place };
      continue;
    }
    const cocoId = /^COCO_[a-z]+\d+_0*(\d+)$/.exec(name)?.[1];
    const image = { key: cocoId ?? name, names: [name] };
    yield {
      kind: 'question',
      id,
      image,
      question,
      answers,
      answerType: answer_type,
      questionType: question_type,
      place,
    };
  }
}
