import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { readT5Config } from '../../engine/models/t5/config.ts';
import { openT5 } from '../../engine/models/t5/open.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { type TensorToWrite, writeSafetensors } from '../../engine/weights/safetensors.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { forward, lossAndGradients, type T5Case, t5Case } from './t5-case.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dept-t5-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const EMBEDDING = 'shared.weight';
const STACKS = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'];
const HEAD = 'lm_head.weight';
/** In the published v1.0 checkpoints, and used by nothing. */
const UNUSED = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';

type Tensors = Record<string, TensorToWrite>;

function tensorsOf({ checkpoint }: T5Case): Tensors {
  const copies = checkpoint.names().map((name) => {
    const tensor: TensorToWrite = { dtype: 'F32', shape: checkpoint.tensor(name).shape, data: checkpoint.floats(name) };
    return [name, tensor] as const;
  });
  return Object.fromEntries(copies);
}

/** The tensors with their embedding under these names instead, and one that no T5 uses. */
function embeddedAs(tensors: Tensors, names: readonly string[]): Tensors {
  const { [EMBEDDING]: table, ...others } = tensors;
  const unused: TensorToWrite = { dtype: 'F32', shape: [2, 3], data: new Float32Array(6).fill(1) };
  return { ...others, [UNUSED]: unused, ...Object.fromEntries(names.map((name) => [name, table!])) };
}

function folderWith(config: unknown, name: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

const configOf = ({ folder }: T5Case): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;

/** `config` as v1.1 and Flan were published: transformers from version 5 on writes other fields. */
function asPublished(config: Record<string, unknown>): Record<string, unknown> {
  const { scale_decoder_outputs: _scale, ...fields } = config;
  return { ...fields, n_positions: 512, output_past: true, tie_word_embeddings: false };
}

/** Of `t5`, with the config and weights of `folder`. */
const reopened = (t5: T5Case, folder: string): T5Case => ({ ...t5, ...openT5(folder) });

const subject = { area: 'T5', against: pinned('transformers'), measure: 'relative' } as const;

compared(
  { ...subject, what: 'checkpoints with copies of the embedding, or none named as such: logits', allowed: 2e-5 },
  async (differences) => {
    const [long, gated] = [t5Case('t5-long'), t5Case('t5-gated')];
    const forms = [
      [long, STACKS.slice(1), configOf(long)],
      [long, [EMBEDDING, ...STACKS, HEAD], configOf(long)],
      [long, [HEAD], configOf(long)],
      [gated, STACKS.slice(1), asPublished(configOf(gated))],
      [gated, [EMBEDDING, ...STACKS], asPublished(configOf(gated))],
      [gated, [EMBEDDING, ...STACKS], configOf(gated)],
    ] as const;
    for (const [i, [t5, names, config]] of forms.entries()) {
      const folder = folderWith(config, `form-${i}`);
      writeSafetensors(join(folder, 'model.safetensors'), embeddedAs(tensorsOf(t5), names));
      const copy = reopened(t5, folder);
      expect(copy.config).toEqual(t5.config);
      const name = 'expected.logits';
      const logits = (await forward(copy)).get(name)!.data as Float32Array;
      differences.values(logits, t5.expected(name), `${i}: ${names}`);
      expect(copy.checkpoint.floats(EMBEDDING)).toEqual(t5.checkpoint.floats(EMBEDDING));
    }
  },
);

compared(
  { ...subject, what: 'heads tied but unscaled, and untied but scaled: logits', allowed: 2e-5 },
  async (differences) => {
    const t5 = t5Case('t5-gated');
    const { scale_decoder_outputs: _scale, ...scaledConfig } = configOf(t5);
    const { [HEAD]: _head, ...tiedTensors } = tensorsOf(t5);
    const saved = {
      tied: { config: configOf(t5), tensors: tiedTensors, head: { tied: true, scaled: false } },
      scaled: { config: scaledConfig, tensors: tensorsOf(t5), head: { tied: false, scaled: true } },
    };
    for (const [name, { config, tensors, head }] of Object.entries(saved)) {
      const folder = folderWith(config, name);
      writeSafetensors(join(folder, 'model.safetensors'), tensors);
      const copy = reopened(t5, folder);
      expect(copy.config).toEqual({ ...t5.config, ...head });
      const logits = (await forward(copy)).get('expected.logits')!.data as Float32Array;
      differences.values(logits, t5.expected(`${name}.logits`), name);
    }
  },
);

test('tensors at any byte of the file: headers of earlier exporters are not padded', async () => {
  const t5 = t5Case('t5-gated');
  const published = readFileSync(join(t5.folder, 'model.safetensors'));
  const length = published.readBigUInt64LE();
  const logits = (await forward(t5)).get('expected.logits');
  for (const shift of [1, 2]) {
    const folder = folderWith(configOf(t5), `shift-${shift}`);
    const head = Buffer.from(published.subarray(0, 8 + Number(length)));
    head.writeBigUInt64LE(length + BigInt(shift));
    const bytes = Buffer.concat([head, Buffer.alloc(shift, ' '), published.subarray(head.length)]);
    writeFileSync(join(folder, 'model.safetensors'), bytes);
    expect((await forward(reopened(t5, folder))).get('expected.logits')).toEqual(logits);
  }
});

const halves = [
  { type: 'float16', folder: 't5-float16', about: 'v1.0 with weights in float16, some in float32', precision: 2e-2 },
  { type: 'bfloat16', folder: 't5-bfloat16', about: 'v1.1 with weights in bfloat16, in shards', precision: 4e-2 },
] as const;

for (const { type, folder, about, precision } of halves) {
  compared(
    { ...subject, what: `${about}: states, logits, loss and gradients in float32`, allowed: 1e-4 },
    async (differences) => {
      const t5 = t5Case(folder);
      const states = await forward(t5);
      const { front, ...gradients } = Object.fromEntries(await lossAndGradients(t5, 'mean'));
      const own: Record<string, Value | undefined> = {
        ...Object.fromEntries(states),
        ...gradients,
        'grad.prompt': front,
      };
      differences.values(own.loss!.data[0] as number, t5.reference.loss, 'loss');
      const wanted = t5.names.filter((name) => name.startsWith('expected.') || name.startsWith('grad.'));
      expect(Object.keys(own).sort()).toEqual([...wanted, 'loss']);
      for (const name of wanted) differences.values(own[name]!.data as Float32Array, t5.expected(name), name);
    },
  );

  compared(
    { ...subject, what: `${about}: states and logits of the reference in ${type}`, allowed: precision },
    async (differences) => {
      const t5 = t5Case(folder);
      const states = await forward(t5);
      for (const name of t5.names.filter((half) => half.startsWith('half.'))) {
        const own = states.get(name.replace('half', 'expected'))!.data as Float32Array;
        differences.values(own, t5.expected(name), name);
      }
    },
  );
}

/** What the configs of t5-small, t5-v1_1-small and flan-t5-small say beside the sizes. */
const published = {
  v10: { output_past: true, n_positions: 512, decoder_start_token_id: 0, task_specific_params: { summarization: {} } },
  v11: { feed_forward_proj: 'gated-gelu', tie_word_embeddings: false, is_encoder_decoder: true },
  flan: {
    feed_forward_proj: 'gated-gelu',
    dense_act_fn: 'gelu_new',
    is_gated_act: true,
    n_positions: 512,
    tie_word_embeddings: false,
    num_decoder_layers: 8,
  },
};
const sizes = { model_type: 't5', vocab_size: 32128, d_model: 512, d_kv: 64, d_ff: 1024, num_layers: 8, num_heads: 6 };

test('the configs as published', () => {
  const read = (fields: object) => readT5Config(folderWith({ ...sizes, pad_token_id: 0, ...fields }, 'config'));
  const common = {
    encoderLayers: 8,
    decoderLayers: 8,
    relativeBuckets: 32,
    relativeMaxDistance: 128,
    dropoutRate: 0.1,
  };
  expect(read(published.v10)).toMatchObject({ ...common, gated: false, tied: true, scaled: true, decoderStartId: 0 });
  for (const fields of [published.v11, published.flan]) {
    expect(read(fields)).toMatchObject({ ...common, gated: true, tied: false, scaled: false, decoderStartId: 0 });
  }
  expect(read({ ...published.v11, pad_token_id: 7 }).decoderStartId).toBe(7);
});

test('what cannot be computed is refused', () => {
  const refused: [fields: object, code: string, got: string][] = [
    [{ feed_forward_proj: 'gated-silu' }, 'unsupported', "feed_forward_proj 'gated-silu': gated silu"],
    [{ feed_forward_proj: 'gelu' }, 'unsupported', "feed_forward_proj 'gelu': gelu"],
    [{ ...published.flan, dense_act_fn: 'gelu' }, 'unsupported', "feed_forward_proj 'gated-gelu': gated gelu"],
    [{ ...published.flan, is_gated_act: false }, 'unsupported', "feed_forward_proj 'gated-gelu': gelu_new"],
    [{ relative_attention_max_distance: 16 }, 'bad-file', 'relative_attention_max_distance'],
    [{ relative_attention_num_buckets: 3 }, 'bad-file', 'relative_attention_num_buckets'],
  ];
  for (const [fields, code, got] of refused) {
    expect(() => readT5Config(folderWith({ ...sizes, ...fields }, 'refused'))).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ got: expect.stringContaining(got) }) }),
    );
  }
});

test('weights that are no float of 16 or 32 bits are refused, frozen and trained', () => {
  const folder = folderWith(configOf(t5Case('t5-long')), 'double');
  const tensor: TensorToWrite = { dtype: 'F64', shape: [2, 3], data: new Float64Array(6) };
  writeSafetensors(join(folder, 'model.safetensors'), { [EMBEDDING]: tensor });
  for (const trained of [false, true]) {
    const backbone = new CheckpointBackbone(openT5(folder).checkpoint, { trainable: () => trained });
    expect(() => backbone.weight(EMBEDDING, [2, 3])).toThrow(
      expect.objectContaining({ code: 'unsupported', details: expect.objectContaining({ got: 'F64' }) }),
    );
  }
});

test('a config that calls another head tied: the head counts; a stack with its own embedding is refused', () => {
  const t5 = t5Case('t5-long');
  const tensors = tensorsOf(t5);
  const table = tensors[EMBEDDING]!;
  const other: TensorToWrite = { ...table, data: (table.data as Float32Array).with(-1, 9) };
  const open = (copy: string) => {
    const folder = folderWith(configOf(t5), copy);
    writeSafetensors(join(folder, 'model.safetensors'), { ...tensors, [copy]: other });
    return openT5(folder);
  };
  expect(t5.config.tied).toBe(true);
  expect(open(HEAD).config).toEqual({ ...t5.config, tied: false });
  expect(() => open(STACKS[0]!)).toThrow(expect.objectContaining({ code: 'unsupported' }));
});
