/** VL-T5's visual embedding against torch: its values, its place in CLIP-T5, gradients, counts, first values. */
import { expect, test } from 'vitest';
import { named } from '../../engine/graph/dim.ts';
import { concat } from '../../engine/graph/ops/structure.ts';
import { countValues, isTrained, Parameters } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import { wordEmbeddings } from '../../engine/models/t5/encoder.ts';
import { parameterFeeds, startParameters } from '../../engine/training/train-step.ts';
import { encodingGraph, trainedParameters } from '../../engine/vision-language/clip-t5.ts';
import { IMAGE_ORDER, OBJECT_ORDER, vlT5Projection } from '../../engine/vision-language/vl-t5-projection.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { runGraph } from '../graph/run-graph.ts';
import { backbone, config, feedsOf, gradientsOf, sizes } from '../training/tiny.ts';
import { countedLogits, openLogits } from '../tuning/logits.ts';
import { mean, spread } from '../tuning/statistics.ts';
import { cellBoxes, givenParameters, modelWith, samples, torchName, vlT5 } from './vl-t5.ts';

const subject = { area: 'VL-T5', against: pinned('torch'), measure: 'relative' } as const;
/** Zeros as in the published runs, and the place of each cell. */
const models = [
  { boxes: 'zeros', model: modelWith() },
  { boxes: 'cells', model: modelWith(cellBoxes) },
] as const;

compared(
  {
    ...subject,
    what: "visual embedding on 7 x 7 cells pooled to 6 x 6, with DePT: the encoder's input and output, logits",
    allowed: 1e-5,
  },
  async (differences) => {
    for (const { boxes, model } of models) {
      const { projection, method, visual } = model;
      const parameters = givenParameters(model);
      const feeds = { ...feedsOf(model, 'caption', samples), ...parameterFeeds(parameters) };
      const tensors = new Parameters(trainedParameters(model));
      const words = wordEmbeddings(backbone(), config, input('ids', 'int64', [named('batch'), named('text')]));
      const tokens = input('visual', 'float32', [named('batch'), visual.tokens, visual.width]);
      const embeds = concat([method.front(words, tensors), projection.project(tokens, tensors)], 1);
      const read = (await runGraph({ embeds }, feeds)).embeds!;
      expect(read.shape).toEqual([4, sizes.prompt + 7 + 36, config.width]);
      differences.values(read.data as Float32Array, vlT5.expected(`${boxes}.inputs_embeds`), `${boxes}: input`);

      const { states } = await runGraph({ states: encodingGraph(backbone(), model) }, feeds);
      differences.values(states!.data as Float32Array, vlT5.expected(`${boxes}.encoder.final`), `${boxes}: output`);
      await using reader = await openLogits(model);
      const logits = countedLogits(vlT5.expected(`${boxes}.logits`), feeds);
      differences.values(await reader.of(parameters, feeds), logits, `${boxes}: logits`);
    }
  },
);

compared(
  { ...subject, what: 'visual embedding with DePT: both losses, gradients of all trained tensors', allowed: 1e-5 },
  async (differences) => {
    for (const { boxes, model } of models) {
      for (const task of ['caption', 'vqa'] as const) {
        const batch = [feedsOf(model, task, samples)];
        const { loss, gradients } = await gradientsOf(model, givenParameters(model), batch, torchName);
        differences.values(loss, vlT5.expected(`${boxes}.${task}.loss`)[0]!, `${boxes}: ${task}`);
        const prefix = `${boxes}.${task}.grad.`;
        const wanted = vlT5.names.filter((name) => name.startsWith(prefix));
        expect(Object.keys(gradients).sort()).toEqual(wanted.map((name) => name.slice(prefix.length)).sort());
        for (const name of wanted) {
          differences.values(gradients[name.slice(prefix.length)]!, vlT5.expected(name), name);
        }
      }
    }
  },
);

const onRn101 = (width: number) => vlT5Projection({ tokens: 36, clipWidth: 2048, width, epsilon: 1e-6 }).parameters;

compared(
  {
    ...subject,
    what: 'visual embedding on RN101: values trained for T5-small, base and large',
    measure: 'identical',
    allowed: 0,
  },
  (differences) => {
    const counts = Object.entries(vlT5.reference.counts_on_RN101);
    for (const [width, count] of counts)
      differences.same(countValues(onRn101(Number(width)).filter(isTrained)), count, width);
    expect(Object.fromEntries(counts)['768']).toBe(1_581_312);
  },
);

compared({ ...subject, what: 'visual embedding: spread of first values', allowed: 0.05 }, (differences) => {
  const parameters = startParameters(onRn101(768).filter(isTrained), 1);
  expect(parameters.map(({ spec }) => torchName(spec.name).replace('projection.', '')).sort()).toEqual(
    Object.keys(vlT5.reference.first_values).sort(),
  );
  for (const { spec, values } of parameters) {
    const name = torchName(spec.name);
    const { std, mean: average } = vlT5.reference.first_values[name.replace('projection.', '')]!;
    expect(Math.abs(mean(values) - average), name).toBeLessThan(0.1);
    if (std > 0) differences.values(spread(values), std, name);
    else expect(new Set(values)).toEqual(new Set([average]));
  }
});

test('the order of tokens is drawn by the seed, N(0, 1), and never trained', async () => {
  const specs = onRn101(768);
  const [order] = specs.filter((spec) => !isTrained(spec));
  expect(order).toMatchObject({ name: OBJECT_ORDER, shape: [36, 768] });
  const drawn = (seed: number) => startParameters([order!], seed)[0]!.values;
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(2)).not.toEqual(drawn(1));
  expect(spread(drawn(1))).toBeCloseTo(1, 1);
  expect(Math.abs(mean(drawn(1)))).toBeLessThan(0.02);
});

test('with boxes of zeros their weight learns nothing, and the second row of image order never does', async () => {
  for (const { boxes, model } of models) {
    const { gradients } = await gradientsOf(
      model,
      givenParameters(model),
      [feedsOf(model, 'caption', samples)],
      (name) => name,
    );
    const learns = (values: Float32Array): boolean => values.some((value) => value !== 0);
    expect(learns(gradients['visual_projection.box_linear.weight']!), boxes).toBe(boxes === 'cells');
    expect(learns(gradients['visual_projection.box_linear.bias']!)).toBe(true);
    const order = gradients[IMAGE_ORDER]!;
    expect([learns(order.subarray(0, config.width)), learns(order.subarray(config.width))]).toEqual([true, false]);
  }
});
