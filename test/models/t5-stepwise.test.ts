import { DecodingBatch } from '../../engine/decoding/decoding-batch.ts';
import { crossGraph, stepGraph } from '../../engine/decoding/step-graph.ts';
import { CheckpointBackbone } from '../../engine/models/backbone.ts';
import { Session } from '../../engine/runtime/session.ts';
import { compared, pinned } from '../fidelity/compared.ts';
import { feeds, forward, t5Case } from './t5-case.ts';

const subject = { area: 'T5', against: pinned('transformers'), measure: 'relative' } as const;
const cases = {
  't5-long': 'v1.0, one position at a time over cached keys and values',
  't5-gated': 'v1.1 and Flan, one position at a time over cached keys and values',
};

for (const [folder, about] of Object.entries(cases)) {
  compared({ ...subject, what: `${about}: logits`, allowed: 2e-5 }, async (differences) => {
    const t5 = t5Case(folder);
    const backbone = new CheckpointBackbone(t5.checkpoint);
    await using sessions = new AsyncDisposableStack();
    const open = async (graph: ReturnType<typeof crossGraph>): Promise<Session> =>
      sessions.adopt(await Session.create(graph), (session) => session.release());
    const states = (await forward(t5)).get('expected.encoder.final')!;
    const cross = await (await open(crossGraph(backbone, t5.config))).run({ states });
    const step = await open(stepGraph(backbone, t5.config, 'logits'));
    const batch = new DecodingBatch(step, t5.config, cross, feeds(t5).mask!);

    const { vocabularySize } = t5.config;
    const targets = t5.reference.inputs.decoder_input_ids;
    const length = targets[0]!.length;
    const expected = t5.expected('expected.logits');
    for (let position = 0; position < length; position += 1) {
      const { scores } = await batch.step(targets.map((ids) => [{ id: ids[position]!, origin: 0 }]));
      targets.forEach((_, row) => {
        const own = (scores!.data as Float32Array).subarray(row * vocabularySize, (row + 1) * vocabularySize);
        const start = (row * length + position) * vocabularySize;
        differences.values(own, expected.subarray(start, start + vocabularySize), `row ${row}, position ${position}`);
      });
    }
  });
}
