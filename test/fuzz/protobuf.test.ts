/** Protobuf messages, damaged: ONNX models, and the vocabularies that sentencepiece wrote. */
import { expect } from 'vitest';
import { decodeModel } from '../../engine/onnx/decode.ts';
import { encodeModel } from '../../engine/onnx/encode.ts';
import type { OnnxModel } from '../../engine/onnx/types.ts';
import { loadTokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { smallSentencePiece } from '../tokenizer/small-sentencepiece.ts';
import { damaged } from './damage.ts';
import { ScratchFolder } from './folder.ts';
import { hunt } from './hunt.ts';

const model: OnnxModel = {
  irVersion: 8,
  producer: 'test',
  opsets: { '': 17, 'com.microsoft': 1 },
  graph: {
    name: 'g',
    nodes: [
      {
        op: 'Gemm',
        domain: '',
        name: 'n',
        inputs: ['x', 'w'],
        outputs: ['y'],
        attributes: {
          alpha: { kind: 'float', value: 0.5 },
          axis: { kind: 'int', value: -1 },
          mode: { kind: 'string', value: 'linear' },
          value: { kind: 'tensor', value: { name: 't', type: 'int64', dims: [2], data: new Uint8Array(16) } },
          scales: { kind: 'floats', value: [1, 2] },
          perm: { kind: 'ints', value: [1, 0, 300] },
        },
      },
    ],
    inputs: [{ name: 'x', type: 'float32', dims: ['batch', 4] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', ''] }],
    initializers: [
      { name: 'w', type: 'float32', dims: [4, 2], data: new Uint8Array(32) },
      { name: 'v', type: 'float32', dims: [1], data: { location: 'model.safetensors', offset: 8, length: 4 } },
    ],
  },
};

hunt('ONNX models', {
  runs: 1000,
  inputs: damaged([encodeModel(model)]),
  isFile: false, // bytes, wherever they come from
  read: (bytes) => {
    // what was read is a model again, the same one
    const read = decodeModel(new Uint8Array(bytes));
    expect(decodeModel(encodeModel(read))).toEqual(read);
  },
});

const scratch = new ScratchFolder();

hunt('sentencepiece vocabularies', {
  runs: 400,
  inputs: damaged([smallSentencePiece()]),
  read: (bytes) => {
    scratch.write('spiece.model', bytes);
    const tokenizer = loadTokenizer(scratch.path);
    const ids = tokenizer.encode('a b <extra_id_0> \ud800 caf\u00e9');
    for (const id of ids) expect(id).toBeLessThan(tokenizer.vocabularySize);
    expect(tokenizer.decode(ids)).toBeTypeOf('string');
  },
});
