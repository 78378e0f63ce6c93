/**
 * Every family of models in every type of weights and every layout that it is published in: small checkpoints that the libraries
 * saved, and the logits or embeddings that they compute with them.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { openT5 } from '../../engine/models/t5/open.ts';
import { openCheckpoint } from '../../engine/weights/checkpoint.ts';
import { describeModel } from '../../engine/weights/model-info.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { clipEmbeddings } from './clip-embeddings.ts';
import { golden, relativeDifference } from './reference.ts';
import { forward } from './t5-case.ts';

interface Reference {
  readonly versions: { readonly open_clip_torch?: string };
  readonly inputs: { readonly input_ids: number[][]; readonly labels: number[][] };
  readonly parameters: number;
}

type Outputs = Readonly<Record<string, ArrayLike<number>>>;

const types = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;
const transformersLayouts = {
  safetensors: ['model.safetensors'],
  'safetensors-shards': ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
  bin: ['pytorch_model.bin'],
  'bin-shards': ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'],
};
const openClipLayouts = { safetensors: ['open_clip_model.safetensors'], bin: ['open_clip_pytorch_model.bin'] };

async function logitsOfT5(folder: string, family: string): Promise<Outputs> {
  const { reference, ...files } = golden<Reference>(`loading/${family}`);
  const { input_ids, labels } = reference.inputs;
  const opened = openT5(folder);
  const inputs = {
    input_ids,
    labels,
    attention_mask: input_ids.map((row) => row.map((id) => Number(id !== opened.config.padId))),
    decoder_input_ids: labels.map((row) => [0, ...row.slice(0, -1)].map((id) => Math.max(id, 0))),
  };
  const states = await forward({ ...files, reference: { inputs, loss: Number.NaN }, ...opened });
  return { logits: states.get('expected.logits')!.data as Float32Array };
}

/** Cosines of pictures and texts times exp(logit_scale), as transformers gives them. */
async function logitsOfClip(folder: string, family: string): Promise<Outputs> {
  const { input_ids } = golden<Reference>(`loading/${family}`).reference.inputs;
  const { vision, text } = await clipEmbeddings(folder, input_ids);
  const scale = Math.exp(openCheckpoint(folder).floats('logit_scale')[0]!);
  const width = vision!.length / input_ids.length;
  const rows = (values: Float32Array): number[][] =>
    input_ids.map((_, i) => {
      const row = [...values.subarray(i * width, (i + 1) * width)];
      return row.map((value) => value / Math.hypot(...row));
    });
  const product = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return { logits: rows(vision!).flatMap((image) => rows(text!).map((own) => scale * product(image, own))) };
}

async function embeddings(folder: string, family: string): Promise<Outputs> {
  return await clipEmbeddings(folder, golden<Reference>(`loading/${family}`).reference.inputs.input_ids);
}

const openClip = `open_clip_torch ${golden<Reference>('loading/open-clip-vit').reference.versions.open_clip_torch}`;

const families = [
  { family: 't5', area: 'T5', name: 'v1.0', layouts: transformersLayouts, compute: logitsOfT5, outputs: ['logits'] },
  {
    family: 't5-v1_1',
    area: 'T5',
    name: 'v1.1 and Flan',
    layouts: transformersLayouts,
    compute: logitsOfT5,
    outputs: ['logits'],
  },
  {
    family: 'clip',
    area: 'CLIP',
    name: 'ViT',
    layouts: transformersLayouts,
    compute: logitsOfClip,
    outputs: ['logits'],
  },
  {
    family: 'open-clip-vit',
    area: 'CLIP',
    name: 'ViT',
    layouts: openClipLayouts,
    compute: embeddings,
    outputs: ['vision', 'text'],
  },
  {
    family: 'open-clip-resnet',
    area: 'CLIP',
    name: 'ResNet',
    layouts: openClipLayouts,
    compute: embeddings,
    outputs: ['vision'],
  },
] as const;

for (const { family, area, name, layouts, compute, outputs } of families) {
  const isOpenClip = layouts === openClipLayouts;
  compared(
    {
      area,
      against: isOpenClip ? openClip : pinned('transformers'),
      measure: 'relative',
      what: `${name} in float32, float16, bfloat16; ${Object.keys(layouts).join(', ').replaceAll('-', ' in ')}: ${outputs.join(', ')}`,
      allowed: 1e-5,
    },
    async (differences) => {
      const { folder: all, expected, reference } = golden<Reference>(`loading/${family}`);
      const seen: ArrayLike<number>[] = [];
      for (const [type, dtype] of Object.entries(types)) {
        for (const [layout, files] of Object.entries(layouts)) {
          const folder = join(all, `${type}-${layout}`);
          const checkpoint = openCheckpoint(folder);
          expect(checkpoint.files.map(({ path }) => path).sort()).toEqual(files.map((file) => join(folder, file)));
          expect(describeModel(folder)).toMatchObject({ dtype, parameters: reference.parameters });
          const computed = await compute(folder, family);
          for (const output of outputs) {
            differences.values(computed[output]!, expected(`${type}.${output}`), `${type}, ${layout}: ${output}`);
          }
        }
        seen.push(expected(`${type}.${outputs[0]}`));
      }
      // Types are told apart: a weight read as another type, or not read at all, would not come to these.
      expect(relativeDifference(seen[1]!, seen[0]!)).toBeGreaterThan(1e-4);
      expect(relativeDifference(seen[2]!, seen[1]!)).toBeGreaterThan(1e-4);
    },
  );
}
