// Describes a picture, or answers a question about it, with the exported graphs and nothing else of the program that trained them:
//   node example.mjs picture.jpg
//   node example.mjs picture.jpg "what is on the table?"
// Needs `npm install onnxruntime-node sharp`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { pixelsOf } from './pictures.mjs';
import { openTokenizer } from './tokenizer.mjs';

const here = (file) => join(import.meta.dirname, file);
const config = JSON.parse(readFileSync(here('config.json'), 'utf8'));
const open = (graph) => ort.InferenceSession.create(here(graph));
const int64 = (values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

/** The id with the highest score. */
function likeliest({ data }) {
  let best = 0;
  for (let id = 1; id < data.length; id += 1) if (data[id] > data[best]) best = id;
  return best;
}

/** Greedy search: the likeliest id after all before it, until the end of the text. */
async function write(decoder, { states: _, ...encoded }) {
  const { layers, heads, headWidth, startId, endId, maxLength } = config.decoder;
  const nothing = () => new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, headWidth]);
  let past = {};
  for (let layer = 0; layer < layers; layer += 1) {
    past[`past.${layer}.keys`] = nothing();
    past[`past.${layer}.values`] = nothing();
  }
  const ids = [];
  for (let id = startId; ids.length < maxLength && id !== endId; ) {
    const { logits, ...present } = await decoder.run({ input_ids: int64([id]), ...encoded, ...past });
    past = Object.fromEntries(Object.entries(present).map(([name, value]) => [name.replace('present', 'past'), value]));
    id = likeliest(logits);
    ids.push(id);
  }
  return ids;
}

const [picture, question] = process.argv.slice(2);
if (picture === undefined || (config.task === 'vqa') !== (question !== undefined)) {
  console.error(`usage: node example.mjs <picture>${config.task === 'vqa' ? ' <question>' : ''}`);
  process.exit(2);
}
const tokenizer = openTokenizer(here('tokenizer.json'));
const ids = config.text.ids ?? tokenizer.encode(config.text.prefix + question, config.text.maxLength);
const [image, encoder, decoder] = await Promise.all(['image.onnx', 'encoder.onnx', 'decoder.onnx'].map(open));
const { cropSize } = config.image;
const pixels = new ort.Tensor('float32', await pixelsOf(picture, config.image), [1, 3, cropSize, cropSize]);
const { visual_tokens } = await image.run({ pixels });
const attention_mask = int64(ids.map(() => 1));
const encoded = await encoder.run({ input_ids: int64(ids), attention_mask, visual_tokens });
console.log(tokenizer.decode(await write(decoder, encoded)));
