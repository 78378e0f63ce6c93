/** A T5's vocabulary of a few pieces, as sentencepiece writes it. */

/** A field of a protobuf message: a text, a message, or a small whole number. */
export function field(number: number, value: string | Buffer | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

const piece = (content: string, type: number): Buffer => field(1, Buffer.concat([field(1, content), field(3, type)]));

/** Its pieces and its settings, in order. */
export const sentencePieceParts = (modelType = 1): Buffer[] => [
  piece('<pad>', 3),
  piece('</s>', 3),
  piece('<unk>', 2),
  piece('▁a', 1),
  field(2, field(3, modelType)),
];

export const smallSentencePiece = (): Buffer => Buffer.concat(sentencePieceParts());
