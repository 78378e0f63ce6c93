/** CLIP-T5's forward pass with DePT against torch: the encoder's input, its output, the logits. */
import { expect, test } from 'vitest';
import { named } from '../../engine/graph/dim.ts';
import { concat } from '../../engine/graph/ops/structure.ts';
import { Parameters } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import { wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { parameterFeeds } from '../../engine/training/train-step.ts';
import { encodingGraph, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { runGraph } from '../graph/run-graph.ts';
import { relativeDifference } from '../models/reference.ts';
import {
  backbone,
  caseSamples,
  config,
  deptMethod,
  feedsOf,
  modelWith,
  parametersFrom,
  sizes,
  tiny,
} from '../training/tiny.ts';
import { countedLogits, openLogits } from '../tuning/logits.ts';

const model = modelWith(deptMethod());
const parameters = parametersFrom(model, (name) => (name === 'B' ? 'init.B.random' : `init.${name}`));
const feeds = { ...feedsOf(model, 'caption', caseSamples), ...parameterFeeds(parameters) };

test('the encoder reads [prompt ; text ; visual tokens]', async () => {
  const tensors = new Parameters(trainedParameters(model));
  const words = wordEmbeddings(backbone(), config, input('ids', 'int64', [named('batch'), named('text')]));
  const visual = input('visual', 'float32', [named('batch'), sizes.visual, sizes.visual_width]);
  const embeds = concat([model.method.front(words, tensors), model.projection.project(visual, tensors)], 1);
  const { data, shape } = (await runGraph({ embeds }, feeds)).embeds!;
  expect(shape).toEqual([4, sizes.prompt + 7 + sizes.visual, config.width]);
  expect(relativeDifference(data as Float32Array, tiny.expected('expected.inputs_embeds'))).toBeLessThan(1e-5);
});

test('its output, and from that the logits of every counted token', async () => {
  const states = (await runGraph({ states: encodingGraph(backbone(), model) }, feeds)).states!;
  expect(relativeDifference(states.data as Float32Array, tiny.expected('expected.encoder.final'))).toBeLessThan(1e-5);

  await using reader = await openLogits(model);
  const logits = await reader.of(parameters, feeds);
  expect(relativeDifference(logits, countedLogits(tiny.expected('expected.logits'), feeds))).toBeLessThan(1e-5);
});
