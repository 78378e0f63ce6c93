/** What a tuning method puts before the visual tokens, computed by ONNX Runtime from given embeddings. */
import { named } from '../../engine/graph/dim.ts';
import { Parameters } from '../../engine/graph/parameter.ts';
import { input } from '../../engine/graph/sources.ts';
import type { Value } from '../../engine/runtime/session.ts';
import { type ParameterValues, parameterFeeds } from '../../engine/training/train-step.ts';
import type { TuningMethod } from '../../engine/tuning/method.ts';
import { runGraph } from '../graph/run-graph.ts';

/** Embeddings [batch, text, width] -> prompt and text [batch, m + text, width]. */
export async function frontOf(
  method: TuningMethod,
  parameters: readonly ParameterValues[],
  embeddings: Value,
): Promise<Value> {
  const words = input('words', 'float32', [named('batch'), named('text'), embeddings.shape[2]!]);
  const front = method.front(words, new Parameters(method.parameters));
  return (await runGraph({ front }, { words: embeddings, ...parameterFeeds(parameters) })).front!;
}
