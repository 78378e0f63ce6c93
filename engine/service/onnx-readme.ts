/** README.md of a folder that was exported as ONNX. */
import { changesScores } from '../decoding/score-rules.ts';
import { MAX_PAST } from '../decoding/standalone-graphs.ts';
import type { OnnxSource } from './onnx-source.ts';

function decodingNote({ config, model }: OnnxSource): string {
  const { beams } = config.evaluation;
  const rules = changesScores(model.generation)
    ? ' The run\'s own rules on scores, in "decoding", are not in the example: its texts can differ.'
    : '';
  const search = beams === 1 ? 'as the run itself does' : `where the run itself has ${beams} beams`;
  return `The example writes by greedy search, ${search}.${rules}`;
}

export function onnxReadme(source: OnnxSource): string {
  const { run, step, config, model } = source;
  const { tokens, width } = model.vision;
  const question = config.task === 'vqa' ? ' "what is on the table?"' : '';
  return `# ${run}, step ${step}

CLIP (${config.vision.model}) and T5 (${config.language.model}), frozen, with what DePT Studio trained on top of them for the task
${config.task}. The folder works alone; only its files may not be renamed or parted: the graphs read their weights from the
.safetensors and .bin files beside them.

\`\`\`
npm install onnxruntime-node sharp
node example.mjs picture.jpg${question}
\`\`\`

| file | takes | gives |
| --- | --- | --- |
| image.onnx | pixels [batch, 3, ${model.vision.preprocessing.cropSize}, ${model.vision.preprocessing.cropSize}], normalised as config.json says | visual_tokens [batch, ${tokens}, ${width}] |
| encoder.onnx | input_ids, attention_mask int64 [batch, text], at most ${config.maxTextLength} ids with the end of text; visual_tokens | states, mask, cross.* (what the decoder looks up in the states) |
| decoder.onnx | input_ids int64 [batch, 1], past.* (nothing at the first step), cross.*, mask | logits [batch, 1, vocabulary], present.* (the next step's past); up to ${MAX_PAST + 1} ids |

The trained soft prompt, low-rank update and visual projection are inside encoder.onnx, in trained.safetensors. Everything computes in
float32. Some operators are ONNX Runtime's own (FusedMatMul, SimplifiedLayerNormalization): other runtimes do not have them.

config.json has what a program needs: the preprocessing of pictures, the text before a question (for captions its ids), ids of start and
end, lengths, and how the run itself decodes. ${decodingNote(source)}

pictures.mjs prepares pictures as in training, to the byte, but for inks (CMYK). tokenizer.mjs covers the parts that tokenizers of T5 have;
for other text than ordinary one take a full reader of tokenizer.json.
`;
}
